"""A row of a sensitive taxon as the public may see it: a list of what may stay, and nothing else.

A list of what must go would miss the next column in which somebody writes a place. And what may stay is still
held against what went: a type citation can name the valley, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.commitment import Opening, commit, salt_of
from manifests.tables.interpreted import INTERPRETED
from node.disclosure.grid import cell_of, widened
from node.disclosure.may_stay import MEDIA_COLUMNS, SPECIMEN_COLUMNS, TERMS
from node.disclosure.treatment import Treatment

Row = Mapping[str, Any]

FLAG: Final = "generalised"
# What names a row; a row that cannot be named without telling the place is withheld.
_NAMES: Final = ("source", "file", "id")
_YEAR = re.compile(r"(1[4-9]|20)\d\d", re.ASCII)
_SHORTEST: Final = 4  # letters and digits; a shorter withheld text stands in anything by chance
_SHORTEST_NUMBER: Final = 6
# What is made of other values is no secret beside them, and is made anew of those that are told.
_NO_SECRET: Final = INTERPRETED | {
    "change", "revisionOf", "salt", "flags", "sourceRow", "verbatim", "commitment"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Secret:
    """What makes commitments nobody can guess: the node's own secret (spec/disclosure.md)."""

    raw: bytes


def generalised_specimen(row: Row, treatment: Treatment, secret: Secret) -> dict[str, Any] | None:
    """The public row of a specimen; None if there can be none.

    Args:
        row: The exact row.
        treatment: How exactly the place may be told.
        secret: For the commitment to what is left out.
    """
    may_stay = SPECIMEN_COLUMNS | ({"stateProvince"} if treatment is Treatment.TENTH else set())
    public = None if treatment is Treatment.WITHHOLD else _kept(row, may_stay)
    if public is None:
        return None
    if not _YEAR.fullmatch(public.get("year") or ""):
        public.pop("year", None)
    public |= _coordinates(row, treatment)
    public["dataGeneralizations"] = _words(treatment, "decimalLatitude" in public)
    return _committed(public, row, "specimen", secret)


def generalised_medium(
    row: Row, specimen: Row, derivative: Digest | None, secret: Secret
) -> dict[str, Any] | None:
    """The public row of a medium that shows such a specimen; None if there can be none.

    Args:
        row: The exact row.
        specimen: The exact row of its specimen: what that one withholds must not stand here either.
        derivative: The public derivative of the image; its address takes the place of the original's.
        secret: For the commitment to what is left out.
    """
    public = _kept(row, MEDIA_COLUMNS, also=_secrets(specimen, _public_values(specimen)))
    if public is None:
        return None
    if derivative is not None:
        public["accessURI"] = derivative.uri
    return _committed(public, row, "media", secret)


def opening_of(exact: Row, public: Row, table: str, secret: Secret) -> Opening:
    """What a chosen reader is given to check what a public row leaves out.

    Args:
        exact: The withheld row.
        public: The public row that was made of it.
        table: `specimen` or `media`.
        secret: The one that the commitment was made with.
    """
    left_out = _left_out(exact, public)
    names = [exact.get(name) for name in _NAMES]
    return Opening(left_out, salt_of(secret.raw, [table, names, left_out]))


def _committed(public: dict[str, Any], row: Row, table: str, secret: Secret) -> dict[str, Any]:
    opening = opening_of(row, public, table, secret)
    flags = json.loads(row.get("flags") or "[]")
    names = ", ".join(sorted(opening.value)) if isinstance(opening.value, Mapping) else ""
    return public | {
        "informationWithheld": f"Withheld, since the taxon is on this institution's list: {names}.",
        "commitment": commit(opening.value, opening.salt).raw,
        "flags": canonical_json(sorted({*flags, FLAG})).decode(),
        "change": "added",
    }


def _left_out(exact: Row, public: Row) -> dict[str, Any]:
    """Values of the exact row that the public one does not tell as they are."""
    names = (
        name for name, value in exact.items() if value is not None and name not in _NO_SECRET - {"verbatim"}
    )
    left = {name: exact[name] for name in names if public.get(name) != exact[name]}
    return {name: Digest(v).uri if isinstance(v, bytes) else v for name, v in left.items()}


def _kept(row: Row, may_stay: Iterable[str], also: Iterable[str] = ()) -> dict[str, Any] | None:
    allowed = frozenset(may_stay)
    secrets = [*_secrets(row, allowed), *also]
    kept = {name: row[name] for name in sorted(allowed) if row.get(name) and not _tells(row[name], secrets)}
    named = {name: row[name] for name in _NAMES if row.get(name)}
    if any(_tells(value, secrets) for value in named.values()):
        return None
    terms = json.loads(row.get("verbatim") or "{}")
    told = {term: value for term, value in terms.items() if term in TERMS and not _tells(value, secrets)}
    return named | kept | ({"verbatim": canonical_json(told).decode()} if told else {})


def _public_values(row: Row) -> frozenset[str]:
    return frozenset(name for name in SPECIMEN_COLUMNS if row.get(name))


def _secrets(row: Row, allowed: Iterable[str]) -> list[str]:
    """Withheld texts that are long enough to be looked for in what stays."""
    stays = {*allowed, *_NAMES, *_NO_SECRET, "geodeticDatum", "eventDate", "month", "day"}
    values = [value for name, value in row.items() if name not in stays and isinstance(value, str)]
    terms = json.loads(row.get("verbatim") or "{}")
    values += [value for term, value in terms.items() if term not in TERMS and _is_place(term)]
    return [plain for value in values if _can_be_sought(plain := _plain(str(value)))]


def _can_be_sought(plain: str) -> bool:
    """An elevation of 1200 stands in every third identifier; a coordinate hardly does."""
    return len(plain) >= (_SHORTEST_NUMBER if plain.isdigit() else _SHORTEST)


def _is_place(term: str) -> bool:
    return bool(_PLACE.search(re.split("[/#]", term)[-1]))


_PLACE = re.compile(
    r"(?i)local|coord|latit|longit|footprint|georef|habitat|island|water|depth|elevation|grid|municip|county|"
    r"geograph|event|field|place|town|village|site|station|utm|mgrs|geo|address|site"
)


def _tells(value: Any, secrets: Iterable[str]) -> bool:
    plain = _plain(str(value))
    return any(secret in plain for secret in secrets)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _coordinates(row: Row, treatment: Treatment) -> dict[str, str]:
    cell = (
        cell_of(row.get("decimalLatitude"), row.get("decimalLongitude"), treatment.cell)
        if treatment.cell
        else None
    )
    if cell is None:
        return {}
    return {
        "decimalLatitude": cell.latitude,
        "decimalLongitude": cell.longitude,
        "coordinateUncertaintyInMeters": str(widened(cell, row.get("coordinateUncertaintyInMeters"))),
    } | ({"geodeticDatum": row["geodeticDatum"]} if row.get("geodeticDatum") in _DATUMS else {})


_DATUMS: Final = frozenset(
    {"WGS84", "WGS 84", "EPSG:4326", "epsg:4326", "NAD83", "NAD27", "ETRS89", "WGS1984"}
)


def _words(treatment: Treatment, has_place: bool) -> str:
    if has_place:
        return (
            f"Coordinates generalised to a grid of {treatment.cell} degree; the point is the cell's centre."
        )
    return "Place generalised to the country."
