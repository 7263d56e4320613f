"""Scientific names, taken apart by GBIF's parser: the name without its authors, and its rank."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.quality.issues import Issue
from manifests.quality.step import ByValue, Columns, Filled, Reading, Remembering

_LONGEST: Final = 400  # characters; what is longer is a text and no name
_INPUTS: Final = (
    "scientificName", "scientificNameAuthorship", "taxonRank", "genus", "specificEpithet",
    "infraspecificEpithet",
)  # fmt: skip
_OUTPUTS: Final = ("interpretedName", "interpretedRank")
# Of RE2. What ends so is Latin and no word of doubt, but for two.
_EPITHET: Final = r"^[a-z]{2,}(?:a|ae|ale|are|ax|ense|i|ile|is|ns|oides|or|um|us)$"
_NO_EPITHET: Final = r"(?:genus|virus)$"
_AUTHOR: Final = r"^\(?\p{Lu}[\pL .,&()'-]*(?:, \d{4}\)?)?$"
_NO_AUTHOR: Final = r"(?i)\b(?:auct|auctt|ex hort|hort|ined|nec|non|p\. ?p|pro|sensu|ssp|subsp|var)\b"
_SPECIES: Final = pa.array(["species", "sp.", None], pa.string())
_CULTIVAR: Final = re.compile(r""" cv\.? ?['"]?([^'"]+)['"]?$""")
_NO_RANK: Final = frozenset({"UNRANKED", "OTHER"})
_UNSAID: Final = frozenset(
    {"", "unknown", "unidentified", "indet", "indet.", "undetermined", "undet.", "incertae sedis"}
)


class Names:
    """The step that reads scientific names; where a record has none, its parts.

    The parser takes some 50 microseconds for a name. A species' name that the record's own genus, epithet and
    author make up letter by letter needs no taking apart, so that large collections are not slowed by it.
    """

    def __init__(self) -> None:
        self._parsed = ByValue(_INPUTS, _OUTPUTS, Remembering(read_name))

    def fill(self, columns: Columns) -> Filled:
        """Read a batch."""
        inputs = {name: columns[name] for name in _INPUTS}
        binomial, plain = _binomials(inputs)
        left = pc.invert(plain)
        filled: dict[str, pa.Array] = {
            "interpretedName": pc.if_else(plain, binomial, None),
            "interpretedRank": pc.if_else(plain, pa.scalar("species"), None),
        }
        bits = np.zeros(len(binomial), np.uint64)
        if pc.any(left).as_py():
            read = self._parsed.fill(_needed({name: of.filter(left) for name, of in inputs.items()}))
            for name, of in read.columns.items():
                filled[name] = pc.replace_with_mask(filled[name], left, of.cast(pa.string()))
            if read.bits is not None:
                bits[left.to_numpy(zero_copy_only=False)] = read.bits
        return Filled(filled, bits)


def _needed(inputs: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """The parts of names are asked for only where there are no names; so there are fewer combinations."""
    name = inputs["scientificName"]
    if name.null_count or pc.any(pc.equal(pc.utf8_trim_whitespace(name), "")).as_py():
        return inputs
    return inputs | {name: pa.nulls(len(inputs[name]), pa.string()) for name in _INPUTS[3:]}


def _binomials(inputs: dict[str, pa.Array]) -> tuple[pa.Array, pa.Array]:
    """Genus and epithet, and in which rows they are the whole name, with or without the author."""
    name, author, rank, genus, epithet, lower = (inputs[column] for column in _INPUTS)
    binomial = pc.binary_join_element_wise(genus, epithet, " ")
    whole = pc.binary_join_element_wise(binomial, author, " ")
    same = pc.or_(_true(pc.equal(name, binomial)), _true(pc.equal(name, whole)))
    ranked = pc.is_in(pc.utf8_lower(rank), _SPECIES)
    plain = pc.and_(_are(epithet, _EPITHET, _NO_EPITHET), _are(author, _AUTHOR, _NO_AUTHOR, missing=True))
    genera = pa.array([word for word in genus.unique().to_pylist() if word and _is_genus(word)], pa.string())
    known = pc.and_(plain, pc.is_in(genus, genera))
    return binomial, pc.and_(pc.and_(same, known), pc.and_(ranked, pc.is_null(lower)))


def _are(column: pa.Array, like: str, unlike: str, *, missing: bool = False) -> pa.Array:
    """In which rows a text matches one pattern and not another, or is missing; each text is matched once."""
    texts = column.unique().drop_null()
    texts = texts.filter(pc.match_substring_regex(texts, like))
    texts = texts.filter(pc.invert(pc.match_substring_regex(texts, unlike)))
    found = pc.is_in(column, texts)
    return pc.or_(found, pc.is_null(column)) if missing else found


@lru_cache(maxsize=100_000)
def _is_genus(word: str) -> bool:
    """Whether the parser takes a word for the name of a genus, and not for `Unknown` or `Hybrid`."""
    name = f"{word} alba"
    return word.isascii() and read_name(name, None, None, None, None, None) == Reading((name, "species"))


def _true(condition: pa.Array) -> pa.Array:
    return pc.fill_null(condition, False)


def read_name(
    name: str | None,
    authorship: str | None,
    rank: str | None,
    genus: str | None,
    species: str | None,
    infraspecific: str | None,
) -> Reading:
    """What a scientific name means.

    Args:
        name: `scientificName`, with or without its authors.
        authorship: `scientificNameAuthorship`; looked at only where the name does not have it.
        rank: `taxonRank`.
        genus: With `species` and `infraspecific`, the name where there is no other.
        species: The species epithet.
        infraspecific: The lowest epithet.

    Returns:
        The name without authors and notes, and its rank in lower case.
    """
    text = " ".join((name or "").split())
    if not text and genus and genus.strip():
        text = " ".join(part.strip() for part in (genus, species, infraspecific) if part)
        authorship = None
    if text.casefold() in _UNSAID:
        return Reading((None, None), (Issue.NAME_MISSING,))
    if len(text) > _LONGEST:
        return Reading((None, None), (Issue.NAME_UNPARSABLE,))
    given = (authorship or "").strip()
    found = _parsed(*_helped(text, rank), None if not given or given in text else given[:_LONGEST])
    return Reading((None, None), (Issue.NAME_UNPARSABLE,)) if found is None else _reading(found)


def _helped(text: str, rank: str | None) -> tuple[str, str]:
    """A name as the parser knows it, and the rank if that helps.

    It does with a single word. With several, a wrong one (publishers call hybrids `Subform`) would be taken
    over into the name.
    """
    said = (rank or "").strip().upper()
    if said and text.isalpha():
        return text.capitalize(), said
    return _CULTIVAR.sub(r" '\1'", text), ""


def _reading(found: Any) -> Reading:
    nameparser = _parser()
    if isinstance(found, nameparser.Informal):
        return Reading((found.taxon, _rank(found.taxon_rank)), (Issue.NAME_INFORMAL,))
    issues = []
    if found.doubtful or found.state != "COMPLETE" or found.warnings:
        issues.append(Issue.NAME_DOUBTFUL)
    if found.epithet_qualifier or found.type != "SCIENTIFIC":
        issues.append(Issue.NAME_INFORMAL)
    name = (
        found.canonical_name_minimal()
        if found.epithet_qualifier
        else found.canonical_name_without_authorship()
    )
    return Reading((name, _rank(found.rank)), tuple(issues))


def _rank(rank: str) -> str | None:
    return None if rank in _NO_RANK else rank.lower().replace("_", " ")


def _parsed(text: str, rank: str, authorship: str | None) -> Any:
    nameparser = _parser()
    try:
        return nameparser.parse(text, authorship, rank or None)
    except nameparser.UnparsableNameError:
        return None
    except BaseException as error:  # a panic of the parser's own is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return None


@lru_cache(maxsize=1)
def _parser() -> Any:
    import nameparser

    return nameparser
