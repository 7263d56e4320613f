"""A search database of odd records, as a node derives it, and a node's own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from hashstore.digest import Digest
from manifests.filter.fields import FIELDS
from node.index import Index
from node.search.database import SearchDatabase
from node.search.generation import make_generation

# Whatever separates, folds, trims or composes somewhere.
ODD = ["a", "A", "b ", " a", "a b", "A  B", "a b c d e f g", "É", "é", "e\u0301", "İ", "ß", "SS", "\u00a0a",
       "%", "_", "'", "a.", "a-b", "a | B", "b a", "unknown", "CC0-1.0", "", "quercus robur l.",
       "Quercus"]  # fmt: skip
DATES = ["1998", "1998-05", "1998-05-17", "1999", "1998/1999", "1998-05-17/19", "98", " 1998 ", "1890-01-01"]
DEGREES = ["0", "0.5", "-0.5", "1", " 1 ", "90", "181", "1e1", "0.12345678", "-60"]
SEGMENT = Digest.of(b"specimens")


@dataclass(frozen=True, repr=False)
class Odd:
    """A search database, and the rows that it was made of.

    Attributes:
        database: The database.
        records: Each specimen row with the media rows that show it.
    """

    database: SearchDatabase
    records: tuple[tuple[dict[str, Any], list[dict[str, Any]]], ...]


def _values(chance: random.Random, table: str) -> dict[str, Any]:
    columns = {c.name: f for f in FIELDS.values() for c in f.columns if c.table == table}
    row: dict[str, Any] = {}
    for name in sorted(columns):
        if chance.random() < 0.35:
            row[name] = chance.choice(ODD)
    if table == "specimen":
        for name in ("eventDate", "interpretedEventDate", "year"):
            row[name] = chance.choice([None, *DATES])
        row["interpretedYear"] = chance.choice([None, None, 1998, 98])
        for name in ("decimalLatitude", "decimalLongitude", "interpretedLatitude", "interpretedLongitude"):
            row[name] = chance.choice([None, *DEGREES])
    return row


def _insert(index: Index, table: str, rows: list[dict[str, Any]]) -> None:
    names = sorted({name for row in rows for name in row})
    index.connection.register(
        "given_rows", pa.Table.from_pylist([{n: row.get(n) for n in names} for row in rows])
    )
    index.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM given_rows")
    index.connection.unregister("given_rows")


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odd]:
    """Three hundred records of odd values; some have several media, some none."""
    folder, chance = tmp_path_factory.mktemp("odd"), random.Random(20241123)
    records: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    specimens: list[dict[str, Any]] = []
    media: list[dict[str, Any]] = []
    for number in range(1, 301):
        standing = {"log": 0, "log_index": 1, "row": number, "access": "public", "current": True}
        origin = {"source": "museum", "id": f"s{number}"}
        specimen = _values(chance, "specimen")
        shown = [_values(chance, "media") for _ in range(chance.choice([0, 1, 1, 2, 3]))]
        records.append((specimen, shown))
        specimens.append({**standing, **origin, **specimen})
        media += [{**standing, "log_index": 2, "row": len(media) + place, **origin, **one}
                  for place, one in enumerate(shown, 1)]  # fmt: skip
    with Index(folder / "index.duckdb") as index:
        _insert(index, "specimen", specimens)
        _insert(index, "media", media)
        index.connection.execute(
            "INSERT INTO leaf VALUES (0, 1, 'segment', ?, ?, 'specimen', NULL, 300, NULL, 'public')",
            [SEGMENT.raw, SEGMENT.raw],
        )
    database = SearchDatabase(make_generation(folder, lambda what, steps: None))
    yield Odd(database, tuple(records))
    database.close()
