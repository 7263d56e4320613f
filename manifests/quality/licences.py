"""Licences of media: what a text or address means, by its SPDX identifier."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from manifests.quality.issues import Issue
from manifests.quality.step import Reading

# Creative Commons licences that were adapted to a jurisdiction and have an SPDX identifier of their own.
_PORTED: Final = frozenset({
    "CC-BY-2.5-AU", "CC-BY-3.0-AT", "CC-BY-3.0-AU", "CC-BY-3.0-DE", "CC-BY-3.0-IGO", "CC-BY-3.0-NL",
    "CC-BY-3.0-US", "CC-BY-NC-3.0-DE", "CC-BY-NC-ND-3.0-DE", "CC-BY-NC-ND-3.0-IGO", "CC-BY-NC-SA-2.0-DE",
    "CC-BY-NC-SA-2.0-FR", "CC-BY-NC-SA-2.0-UK", "CC-BY-NC-SA-3.0-DE", "CC-BY-NC-SA-3.0-IGO",
    "CC-BY-ND-3.0-DE", "CC-BY-SA-2.0-UK", "CC-BY-SA-2.1-JP", "CC-BY-SA-3.0-AT", "CC-BY-SA-3.0-DE",
    "CC-BY-SA-3.0-IGO",
})  # fmt: skip
_VERSIONS: Final = frozenset({"1.0", "2.0", "2.5", "3.0", "4.0"})
_OTHERS: Final = {
    "cc0": "CC0-1.0", "cc zero": "CC0-1.0", "public domain": "CC-PDM-1.0", "public domain mark": "CC-PDM-1.0",
    "no known copyright restrictions": "CC-PDM-1.0", "odbl 1.0": "ODbL-1.0", "odc by 1.0": "ODC-By-1.0",
    "pddl 1.0": "PDDL-1.0", "ogl uk 3.0": "OGL-UK-3.0", "open government licence v3.0": "OGL-UK-3.0",
    "etalab 2.0": "etalab-2.0", "mit": "MIT",
}  # fmt: skip
_ADDRESSES: Final = {
    "opendatacommons.org/licenses/odbl": "ODbL-1.0", "opendatacommons.org/licenses/by": "ODC-By-1.0",
    "opendatacommons.org/licenses/pddl": "PDDL-1.0",
    "nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
}  # fmt: skip
_CC_ADDRESS: Final = re.compile(
    r"creativecommons\.org/(?:licen[cs]es?|publicdomain)/(?P<kind>[a-z-]+)(?:/(?P<version>\d\.\d))?"
    r"(?:/(?P<port>[a-z]{2,3}))?(?![a-z])"
)
_CC_TEXT: Final = re.compile(
    r"(?:\bcc ?|^)(?P<kind>by(?: (?:nc|nd|sa))*)(?: ?v?(?P<version>\d(?:\.\d)?))?"
    r"(?: (?P<port>[a-z]{2,3})(?= |$))?\b"
)
_WORDS: Final = (
    ("attribution", "by"), ("non ?commercial", "nc"), ("no ?deriv(?:ative)?s?(?: works)?", "nd"),
    ("share ?alike", "sa"),
)  # fmt: skip
_CREATIVE_COMMONS: Final = re.compile(r"\bcreative ?commons\b|\bcc\b")
_VERSION: Final = re.compile(r"\b(\d\.\d)\b")
_RESERVED: Final = re.compile(
    r"all rights reserved|alle rechte vorbehalten|tous droits r[eé]serv[eé]s|todos los derechos reservados"
    r"|rightsstatements\.org/(?:vocab|page)/inc|no re-?use|not for re-?use"
)
VERSIONLESS: Final = "?"
RESERVED: Final = "reserved"


def read_licence(
    license: str | None, statement: str | None, terms: str | None, rights: str | None
) -> Reading:
    """What the fields of a medium say of its licence, together.

    Args:
        license: `dcterms:license`.
        statement: `xmpRights:WebStatement`.
        terms: `xmpRights:UsageTerms`.
        rights: `dcterms:rights`.

    Returns:
        An SPDX identifier if all that can be read of them is one licence, of one version.
    """
    texts = [text for text in (license, statement, terms, rights) if text and text.strip()]
    if not texts:
        return Reading((None,), (Issue.LICENSE_MISSING,))
    found = list(dict.fromkeys(meaning for text in texts if (meaning := meaning_of(text)) is not None))
    exact = [meaning for meaning in found if not meaning.endswith(VERSIONLESS)]
    # `CC BY` beside the address of CC BY 4.0 says nothing else than that.
    loose = [meaning for meaning in found if meaning not in exact and not _is_told_by(exact, meaning)]
    match exact + loose:
        case []:
            return Reading((None,), (Issue.LICENSE_UNKNOWN,))
        case [one] if one == RESERVED:
            return Reading((None,), (Issue.LICENSE_RESERVED,))
        case [one] if loose:
            return Reading((None,), (Issue.LICENSE_VERSION_MISSING,))
        case [one]:
            return Reading((one,))
    return Reading((None,), (Issue.LICENSE_CONTRADICTORY,))


def _is_told_by(exact: list[str], loose: str) -> bool:
    """Whether a licence without version is one of those with a version."""
    return any(
        re.fullmatch(re.escape(loose.removesuffix(VERSIONLESS)) + r"\d\.\d(-[A-Z]+)?", e) for e in exact
    )


def meaning_of(text: str) -> str | None:
    """The licence that a text or address names.

    Returns:
        An SPDX identifier (`LicenseRef-` for a Creative Commons licence of a jurisdiction that has none); one
        that ends in `VERSIONLESS` where the version is not told; `RESERVED`; None if it cannot be read.
    """
    plain = _plain(text)
    if found := _CC_ADDRESS.search(plain):
        return _creative_commons(found["kind"], found["version"], found["port"])
    for address, spdx in _ADDRESSES.items():
        if address in plain:
            return spdx
    if _RESERVED.search(plain):
        return RESERVED
    words = re.sub(r"[^\w.]+|_", " ", re.sub(r"(\d)_(\d)", r"\1.\2", plain)).strip(" .")
    if found := _CC_TEXT.search(words):
        return _creative_commons(found["kind"], found["version"] or _version(words), found["port"])
    if re.search(r"\bcc ?0\b|\bcc zero\b", words):
        return "CC0-1.0"
    return _OTHERS.get(re.sub(r" (license|licence)$", "", words)) or _in_words(words)


def _in_words(words: str) -> str | None:
    if not _CREATIVE_COMMONS.search(words):
        return "CC-PDM-1.0" if re.search(r"\bpublic domain\b", words) else None
    if re.search(r"\bzero\b|\bpublic domain dedication\b", words):
        return "CC0-1.0"
    kind = "-".join(short for long, short in _WORDS if re.search(long, words))
    return _creative_commons(kind, _version(words), None) if kind.startswith("by") else None


def _version(words: str) -> str | None:
    found = _VERSION.search(words)
    return found[1] if found else None


def _creative_commons(kind: str, version: str | None, port: str | None) -> str | None:
    match kind:
        case "zero" | "cc0" | "publicdomain":
            return "CC0-1.0"
        case "mark":
            return "CC-PDM-1.0"
    parts = set(re.split("[ -]", kind)) - {""}
    if "by" not in parts or parts - {"by", "nc", "nd", "sa"} or {"nd", "sa"} <= parts:
        return None
    name = "-".join(["CC", *(part.upper() for part in ("by", "nc", "nd", "sa") if part in parts)])
    if version is None:
        return f"{name}-{VERSIONLESS}"
    return _of_version(name, version if "." in version else f"{version}.0", port)


def _of_version(name: str, version: str, port: str | None) -> str | None:
    if port and f"{name}-{version}-{port.upper()}" in _PORTED:
        return f"{name}-{version}-{port.upper()}"
    if port and len(port) == 2 and version not in ("1.0", "4.0"):
        return f"LicenseRef-{name}-{version}-{port.upper()}"
    return f"{name}-{version}" if version in _VERSIONS else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("®", "").split())
