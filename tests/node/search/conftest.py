"""A search database of odd records, as a node derives it, and a node's own."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hashstore.digest import Digest
from manifests.annotations import DECISIONS, annotation_name
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
        index: The index that it was made of.
        images: The image at each address that has one.
        findings: What is said of each image, as the reference of filters takes it.
    """

    database: SearchDatabase
    records: tuple[tuple[dict[str, Any], list[dict[str, Any]]], ...]
    index: Path
    images: dict[str, Digest]
    findings: dict[Digest, list[dict[str, Any]]]

    def said(self, media: dict[str, Any] | None) -> Sequence[list[dict[str, Any]]]:
        """What is said of each image that a media row shows; of none at all if it shows none."""
        urls = [media[name] for name in ("accessURI", "identifier") if name in media] if media else []
        return [self.findings[self.images[url]] for url in urls if url in self.images] or [[]]


@dataclass
class _Findings:
    """Findings, annotations and reviews that are as odd as can be: rows for the index, and what they mean."""

    chance: random.Random
    images: list[Digest]
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    means: dict[Digest, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def stand(self, table: str, log: int, log_index: int, **values: Any) -> None:
        place = {"log": log, "log_index": log_index, "row": len(self.rows[table]) + 1}
        self.rows[table].append({**place, "access": "public", "current": True, **values})

    def make(self) -> None:
        for number in range(260):
            log, log_index, name, version = self.chance.choice(RUNS)
            image, said = self.chance.choice(self.images), self._said()
            key, analyzer = Digest.of(b"key%d" % number), Digest.of((name or "?").encode())
            named = {"key": key.raw, "place": 1, "digest": image.raw, "analyzer": analyzer.raw}
            self.stand("finding", log, log_index, **named, **said)
            subject = f"{key.uri}#1"
            means = {**said, "analyzer": analyzer.uri, "reviews": self._reviewed(image, subject)}
            self.means[image].append({**means, "name": name, "version": version})
        for number in range(60):
            image = self.chance.choice(self.images)
            said = self._said()
            content: dict[str, Any] = {
                "digest": image,
                "agent": f"urn:uuid:{number % 2}",
                "created": f"{number}\u00e9",
                **said,
            }
            named_by = annotation_name({**content, "motivation": "tagging"})
            row = {**content, "motivation": "tagging", "annotation": named_by.raw, "digest": image.raw}
            if number % 9 == 0:  # not under the name of its content, so it is passed over
                self.stand("annotation", 0, 8, **{**row, "annotation": Digest.of(b"other").raw})
                continue
            self.stand("annotation", 0, 8, **row)
            self.means[image].append(
                {**said, "agent": content["agent"], "reviews": self._reviewed(image, named_by.uri)}
            )

    def _said(self) -> dict[str, Any]:
        chosen: dict[str, list[str | None]] = {
            "kind": KINDS, "text": SAID, "term": ["http://a/stamp", None], "language": ["la", "LA", None],
            "value": NUMBERS, "unit": ["mm", "[in_i]-1", None], "confidence": ["0.8", "0.79", "1", None],
        }  # fmt: skip
        return {name: self.chance.choice(values) for name, values in chosen.items()}

    def _reviewed(self, image: Digest, subject: str) -> list[str]:
        held: dict[int, str] = {}
        for _ in range(self.chance.choice([0, 0, 1, 2, 3])):
            log, decision = self.chance.choice([0, 1]), self.chance.choice([*DECISIONS, "accepted rejected"])
            about = self.chance.choice([image, image, image, Digest.of(b"another image")])
            self.stand("review", log, 9, subject=subject, digest=about.raw, decision=decision)
            if about == image and decision in DECISIONS:
                held[log] = decision
        return list(held.values())


KINDS: list[str | None] = [
    "stamp",
    "label",
    "text",
    "line",
    "barcode",
    "class",
    "object",
    "Tag",
    "sharpness",
    " Stamp ",
]
SAID = ["stamp", "Crépin", "cre\u0301pin LIÈGE", "Straße", "Œuvre d'été", "STAMP a", "%", None, "Łódź"]
NUMBERS = ["0.2", "0.20", "0.15", "-3", "12.5", " 5 ", "1e3", "x", "", "999999999999999999.5", None]
# Log, log index, and what the run there says of its analyzer.
RUNS = [(0, 4, "label-text", "1"), (0, 6, "sheet-segments", "1.2"), (1, 2, None, None)]


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


def _show(media: dict[str, Any], images: dict[str, Digest], chance: random.Random) -> None:
    """Let a media row have addresses, some of which others have as well, and some of which have an image."""
    for name in ("accessURI", "identifier"):
        if chance.random() < 0.6:
            media[name] = f"http://museum.test/{chance.randrange(200)}"
            if media[name] not in images and chance.random() < 0.7:
                images[media[name]] = Digest.of(b"image%d" % chance.randrange(150))


def _insert_runs(index: Index) -> None:
    for log, log_index, name, version in RUNS:
        statement = Digest.of(f"{log} {log_index}".encode()).raw
        index.connection.execute(
            "INSERT INTO leaf VALUES (?, ?, 'segment', ?, ?, 'finding', NULL, 0, NULL, 'public')",
            [log, log_index, statement, statement],
        )
        if name is not None:
            document = json.dumps({"analyzer": {"name": name, "softwareVersion": version}})
            index.connection.execute(
                "INSERT INTO statement VALUES (?, ?, ?, '', 'AnalysisRun', '', NULL, NULL, NULL, ?)",
                [log, log_index - 1, statement, document],
            )


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odd]:
    """Three hundred records of odd values; some have several media, some none."""
    folder, chance = tmp_path_factory.mktemp("odd"), random.Random(20241123)
    records: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    specimens: list[dict[str, Any]] = []
    media: list[dict[str, Any]] = []
    images: dict[str, Digest] = {}
    for number in range(1, 301):
        standing = {"log": 0, "log_index": 1, "row": number, "access": "public", "current": True}
        origin = {"source": "museum", "id": f"s{number}"}
        specimen = _values(chance, "specimen")
        shown = [_values(chance, "media") for _ in range(chance.choice([0, 1, 1, 2, 3]))]
        for one in shown:
            _show(one, images, chance)
        records.append((specimen, shown))
        specimens.append({**standing, **origin, **specimen})
        media += [{**standing, "log_index": 2, "row": len(media) + place, **origin, **one}
                  for place, one in enumerate(shown, 1)]  # fmt: skip
    found = _Findings(chance, sorted(set(images.values()))[::2])
    found.make()
    captures = [{"log": 0, "log_index": 3, "row": place, "access": "public", "current": True, "role": "image",
                 "source": "museum", "url": url, "digest": image.raw}
                for place, (url, image) in enumerate(images.items(), 1)]  # fmt: skip
    with Index(folder / "index.duckdb") as index:
        _insert(index, "capture", captures)
        for table, rows in found.rows.items():
            _insert(index, table, rows)
        _insert_runs(index)
        _insert(index, "specimen", specimens)
        _insert(index, "media", media)
        index.connection.execute(
            "INSERT INTO leaf VALUES (0, 1, 'segment', ?, ?, 'specimen', NULL, 300, NULL, 'public')",
            [SEGMENT.raw, SEGMENT.raw],
        )
    database = SearchDatabase(make_generation(folder, lambda what, steps: None))
    findings = {image: found.means.get(image, []) for image in images.values()}
    yield Odd(database, tuple(records), folder / "index.duckdb", images, findings)
    database.close()
