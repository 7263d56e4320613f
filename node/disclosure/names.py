"""Scientific names as a list of sensitive taxa and a stranger's record may both write them.

A name that is missed publishes an exact place; one too many only makes a record less exact. So where a name
can be read in two ways, the reading that matches is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Tokens = tuple[str, ...]

_MARKUP = re.compile(r"<[^<>]{0,80}>")
_PARENTHESES = re.compile(r"[(\[][^()\[\]]*[)\]]?")
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*\.?")
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "×": " ", "_": " "}
)
# Between the words of a name these say how sure or of what rank it is, not what it is.
# fmt: off
_MARKERS = frozenset({
    "x", "cf", "cfr", "aff", "nr", "near", "subsp", "ssp", "subspecies", "var", "variety", "v", "f",
    "fo", "forma", "form", "subvar", "subf", "convar", "cv", "morph", "sect", "section", "subsect",
    "ser", "series", "subg", "subgen", "subgenus", "group", "gr", "agg", "sl", "ss", "nothosubsp",
    "nothovar", "notho",
})
# fmt: on
_SEVERAL = re.compile(r"[|;,:>/]+")


def tokens(text: str) -> Tokens:
    """The words of a name without case, accents, ranks, doubts, mark-up, subgenus and hybrid sign.

    Words of the author stay at the end, without their dots.
    """
    plain = _PARENTHESES.sub(" ", _MARKUP.sub(" ", _folded(text)))
    words = (word.rstrip(".").replace("-", "").replace("'", "") for word in _WORD.findall(plain))
    return tuple(word for word in words if word and word not in _MARKERS)


def _folded(text: str) -> str:
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = (letter for letter in split if unicodedata.category(letter) not in ("Mn", "Cf"))
    return "".join(kept).translate(_LETTERS)


def canonical(text: str) -> Tokens:
    """The words of a listed name without its author: a genus or higher name, and up to two epithets.

    Where the author begins is seen by the case of letters, as operators write names; a name all in capitals
    is read as if it had none.
    """
    words = _MARKUP.sub(" ", text).replace("_", " ").split()
    if len(words) > 1 and all(word == word.upper() for word in words):
        return tokens(text)[:3]
    found: list[str] = []
    for word in words:
        if (made := tokens(word)) and found and not _is_epithet(word):
            break
        found.extend(made)
    return tuple(found[:3])


def _is_epithet(word: str) -> bool:
    bare = word.strip("()[],;×'\"")
    return bool(bare) and bare[0].islower() and "." not in bare and bare not in _PARTICLES


# fmt: off
_PARTICLES = frozenset({
    "de", "da", "del", "della", "der", "den", "van", "von", "la", "le", "du", "dos", "ex", "et", "in",
    "non", "nec", "auct", "sensu", "emend", "apud",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class NameList:
    """Names to be recognised, each with what it stands for.

    Attributes:
        meaning: An index into the operator's rules, by canonical name.
    """

    meaning: Mapping[Tokens, int]

    def match(self, text: str) -> int | None:
        """What the listed name stands for that a written name begins with; the lowest index if several."""
        words = tokens(text)
        found = (self.meaning.get(words[:length]) for length in range(1, min(len(words), 3) + 1))
        return min((index for index in found if index is not None), default=None)

    def match_any(self, text: str) -> int | None:
        """As `match`, for a text that lists several names, such as a classification from kingdom to genus."""
        pieces = [text, *_SEVERAL.split(text)]
        return min((found for piece in pieces if (found := self.match(piece)) is not None), default=None)


def name_list(taxa: Iterable[tuple[str, int]], synonyms: Iterable[tuple[str, str]]) -> NameList:
    """Names with what they stand for, and the same for every name that is called their synonym.

    Args:
        taxa: Names of any rank, each with an index; of two for one name the lower counts.
        synonyms: Pairs of names for one taxon, in either order.
    """
    meaning: dict[Tokens, int] = {}
    for name, index in taxa:
        if key := canonical(name):
            meaning[key] = min(index, meaning.get(key, index))
    pairs = [(canonical(one), canonical(other)) for one, other in synonyms]
    for group in _groups(pair for pair in pairs if all(pair)):
        if listed := [meaning[name] for name in group if name in meaning]:
            meaning.update({name: min(listed) for name in group})
    return NameList(meaning)


def _groups(pairs: Iterable[tuple[Tokens, Tokens]]) -> Iterator[set[Tokens]]:
    """Names that are linked by any chain of pairs."""
    group_of: dict[Tokens, set[Tokens]] = {}
    for one, other in pairs:
        merged = group_of.get(one, {one}) | group_of.get(other, {other})
        group_of.update(dict.fromkeys(merged, merged))
    yield from {id(group): group for group in group_of.values()}.values()
