"""A page of the records that fit, in an order that paging can go on from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from hashstore.digest import Digest
from manifests.errors import ManifestError
from manifests.filter.fields import LATITUDE, LONGITUDE
from manifests.row_uri import RowUri
from node.errors import SearchRefused
from node.index.ddl import quoted
from node.search.database import Query
from node.search.groups import AREA, DETAIL, HOLDER, OF_SPECIMEN, STATUS, TIME, Group
from node.search.matched import Matched

# By what hits can be sorted; what is equal then, and everything by name, stays in the order of names.
SORTS: Mapping[str, str] = MappingProxyType(
    {"name": "", "date": TIME.name, "country": AREA.name, "collection": HOLDER.name, "type": STATUS.name}
)
_SHOWN: Final = (
    "kingdom", "class", "order", "family", "genus", "scientificName", "interpretedName",
    "interpretedCountryCode", "countryCode", "country", "stateProvince", "county", "eventDate",
    "interpretedEventDate", "interpretedYear", "year", "institutionCode", "collectionCode", "typeStatus",
    "interpretedTypeStatus", "basisOfRecord", "qualityFlags", "recordedBy", "catalogNumber", "recordNumber",
    "occurrenceID", "locality",
)  # fmt: skip
_STEP: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A record.

    Attributes:
        row: Its address: what it is cited, shown and paged by.
        origin: The followed log that it stands in; None for the node's own.
        values: What it says, by column; what it does not say is left out.
        images: Its images that were captured.
    """

    row: RowUri
    origin: str | None
    values: Mapping[str, str]
    images: tuple[Digest, ...]

    def document(self) -> dict[str, Any]:
        """As it is told to programs."""
        return {
            "row": str(self.row),
            "log": self.origin,
            **self.values,
            "images": [image.uri for image in self.images],
        }


def page(query: Query, matched: Matched, sort: str, limit: int, after: str | None) -> tuple[Hit, ...]:
    """The hits that follow one of them.

    Args:
        query: The question that this is part of.
        matched: What fits.
        sort: A name out of `SORTS`; with `-` before it, backwards.
        limit: How many at most.
        after: The address of the hit that the page begins behind; None for the first page.

    Raises:
        SearchRefused: there is no such record any more.
    """
    keys, backwards = sort_columns(sort), sort.startswith("-")
    values: dict[str, Any] = {"most": limit}
    test = "true"
    if after is not None:
        values |= dict(zip(("a", "b"), _standing(query, keys, after), strict=False))
        sign = "<" if backwards else ">"
        test = f"{keys[0]} {sign} $a"
        if len(keys) > 1:
            test += f" OR ({keys[0]} = $a AND {keys[1]} {sign} $b)"
    order = ", ".join(f"{key} DESC" if backwards else key for key in keys)
    found = query.rows(
        f"SELECT number FROM {matched.records} AS fits WHERE {test} ORDER BY {order} LIMIT $most",
        {**matched.parameters, **values},
    )
    return _hits(query, [row["number"] for row in found])


def sort_columns(sort: str) -> list[str]:
    """The columns of units that an order goes by.

    Raises:
        SearchRefused: there is no such order.
    """
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise SearchRefused("sort", f"{sort[:40]!r} is no order; there are {', '.join(SORTS)}")
    return [key for key in (SORTS[name], "number") if key]


def _standing(query: Query, keys: Sequence[str], after: str) -> list[int]:
    """Where the last hit of a page stands in the order."""
    try:
        uri = RowUri.parse(after)
    except ManifestError as error:
        raise SearchRefused("after", f"it is no address of a record: {error}") from error
    rows = query.rows(
        f"SELECT number, {', '.join(keys)} FROM unit JOIN segment USING (log, log_index) "
        "WHERE table_name = 'specimen' AND segment = $segment AND row = $row AND first LIMIT 1",
        {"segment": uri.segment.raw, "row": uri.row},
    )
    if not rows or rows[0]["number"] in query.hidden:
        problem = "the record that the page ended with is not found any more; begin with the first page"
        raise SearchRefused("after", problem)
    return [rows[0][key] for key in keys]


def _hits(query: Query, numbers: list[int]) -> tuple[Hit, ...]:
    """What hits say: each table is asked for a few numbers, which is faster than joining it whole."""
    ids = ", ".join(group.name for group in OF_SPECIMEN)
    place = f"number, {ids}, log, log_index, row, point_x, point_y"
    units = {row["number"]: row for row in _few(query, place, "unit", "number", numbers, " AND first")}
    says = _says(query, DETAIL, "number", numbers)
    images: dict[int, list[Digest]] = {}
    for row in _few(query, "number, digest", "image", "number", numbers):
        images.setdefault(row["number"], []).append(Digest(row["digest"]))
    parts = {
        group: _says(query, group, "id", sorted({unit[group.name] for unit in units.values()}))
        for group in OF_SPECIMEN
    }
    segments = {(row["log"], row["log_index"]): row["segment"] for row in query.rows("FROM segment")}
    origins = {row["number"]: row["origin"] for row in query.rows("FROM log")}
    hits = []
    for number in numbers:
        unit = units[number]
        values = says[number]
        for group in OF_SPECIMEN:
            values = {**values, **parts[group][unit[group.name]]}
        uri = RowUri(Digest(segments[unit["log"], unit["log_index"]]), unit["row"])
        hits.append(
            Hit(uri, origins[unit["log"]], _values(values, unit), tuple(sorted(images.get(number, ()))))
        )
    return tuple(hits)


def _says(query: Query, group: Group, key: str, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What is shown of some combinations, by their numbers."""
    columns = [quoted(column.name) for column in group.columns if column.name in _SHOWN]
    return {row[key]: row for row in _few(query, ", ".join([key, *columns]), group.name, key, numbers)}


def _few(
    query: Query, columns: str, table: str, key: str, numbers: Sequence[int], test: str = ""
) -> list[dict[str, Any]]:
    if not numbers:
        return []
    # A list of numbers would have DuckDB read the texts of all rows; what is joined, those of a few.
    wanted = f"{key} IN (SELECT unnest($numbers::INTEGER[]))"
    return query.rows(f"SELECT {columns} FROM {table} WHERE {wanted}{test}", {"numbers": list(numbers)})


def _values(values: Mapping[str, Any], unit: Mapping[str, Any]) -> Mapping[str, str]:
    told = {name: str(value).strip(" ") for name in _SHOWN if (value := values[name]) is not None}
    if unit["point_x"] is not None:
        told[LATITUDE.name], told[LONGITUDE.name] = _degrees(unit["point_y"]), _degrees(unit["point_x"])
    return MappingProxyType({name: value for name, value in told.items() if value})


def _degrees(steps: int) -> str:
    """Decimal degrees without zeros at the end."""
    whole, rest = divmod(abs(steps), _STEP)
    decimals = f".{rest:07}".rstrip("0").rstrip(".")
    return f"{'-' if steps < 0 else ''}{whole}{decimals}"
