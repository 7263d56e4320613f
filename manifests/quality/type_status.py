"""Kinds of type: which of Darwin Core's vocabulary a `typeStatus` names."""

from __future__ import annotations

import re
from typing import Final

from manifests.quality.issues import Issue
from manifests.quality.step import Reading

# GBIF's vocabulary of type status, which Darwin Core recommends; `type` is one of unknown kind.
_KINDS: Final = frozenset({
    "allolectotype", "alloneotype", "allotype", "cotype", "epitype", "exepitype", "exholotype",
    "exisotype", "exlectotype", "exneotype", "exparatype", "exsyntype", "extype", "hapantotype",
    "holotype", "iconotype", "isolectotype", "isoneotype", "isosyntype", "isotype", "lectotype",
    "neotype", "originalmaterial", "paralectotype", "paraneotype", "paratype", "plastoholotype",
    "plastoisotype", "plastolectotype", "plastoneotype", "plastoparatype", "plastosyntype", "plastotype",
    "secondarytype", "supplementarytype", "syntype", "topotype", "type", "typegenus", "typespecies",
    "isoepitype", "isoparatype",
})  # fmt: skip
_SAID: Final = re.compile(r"[a-z]+")
_JOINED: Final = re.compile(
    r"\b(original) (material)\b|\b(type) (genus|species)\b|\b(ex|iso|para|holo|lecto|neo|syn)[- ](?=\w*typ)"
)
_NO_TYPE: Final = re.compile(
    r"(?:non?|not an?|not|none|nontype|notatype|unknown|n/?a|false|0|-|null)[. ]*(?:type)?[. ]*"
)
# What Plazi's and others' archives call specimens beside the types.
_OTHERS: Final = re.compile(r"(?:other|additional|further|non-?type) materials?|materials? examined|specimen")
_DOUBT: Final = re.compile(r"\?|\b(?:possibl[ey]|probabl[ey]|presumed|prob|poss|potential|putative|likely)\b")


def read_type_status(status: str | None) -> Reading:
    """What `typeStatus` means: the kinds of type, sorted, joined with ` | `."""
    plain = " ".join((status or "").casefold().split())
    if not plain or _NO_TYPE.fullmatch(plain) or _OTHERS.fullmatch(plain):
        return Reading((None,))
    joined = _JOINED.sub(lambda found: "".join(part for part in found.groups() if part), plain)
    # Behind `of` stands the name that it is a type of, which may itself be called Typus or Holotypus.
    words = _SAID.findall(re.split(r"\bof\b", joined)[0])
    kinds = sorted({kind for word in words if (kind := _kind(word)) is not None})
    if len(kinds) > 1 and "type" in kinds:
        kinds.remove("type")
    if not kinds:
        return Reading((None,), (Issue.TYPE_STATUS_INVALID,))
    return Reading((" | ".join(kinds),), (Issue.TYPE_STATUS_DOUBTFUL,) if _DOUBT.search(plain) else ())


def _kind(word: str) -> str | None:
    """A word of the vocabulary, in English or as Latin, German, French or Spanish write it."""
    for ending, becomes in (
        ("", ""),
        ("s", ""),
        ("typus", "type"),
        ("typi", "type"),
        ("typ", "type"),
        ("tipo", "type"),
    ):
        if word.endswith(ending) and (kind := word.removesuffix(ending) + becomes) in _KINDS:
            return kind
    return None
