"""Reading out of published values what they mean: places on the map, names, and whole rows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pyarrow as pa

from bench.archive import SEED
from bench.harness import Bench, Figure
from manifests.quality.coordinates import Coordinates
from manifests.quality.land import land
from manifests.quality.names import read_name
from manifests.quality.steps import interpreter
from manifests.tables import SPECIMEN

_POINTS_WITHIN = 5.0  # seconds
_GENERA = ("Quercus", "Carex", "Rosa", "Apis", "Andrena", "Hieracium")
_AUTHORS = ("L.", "(Salisb.) A. DC.", "Linnaeus, 1758", "Müll.Hal. & Kindb.")


def run(bench: Bench) -> Iterator[Figure]:
    """All values differ, which no collection's do: what repeats is read once."""
    points, rows = (10_000, 10_000) if bench.quick else (100_000, 100_000)
    yield Figure(
        "shapes of the countries, read", _best(bench, lambda: land.__wrapped__()), "s", note="once a process"
    )
    columns = _points(points)
    seconds = _best(bench, lambda: Coordinates(land).fill(columns))
    most = None if bench.quick else _POINTS_WITHIN
    note = "uniform over the globe: most at sea, and so looked at one by one"
    yield Figure(f"{points:,} points against sea and country", seconds, "s", most=most, note=note)
    names = _names(2_000)
    seconds = _best(bench, lambda: [read_name(name, *[None] * 5) for name in names])
    yield Figure("a scientific name, parsed", seconds / len(names) * 1e6, "µs")
    batch = _specimens(rows)
    seconds = _best(bench, lambda: interpreter("2026-11-23").interpret(SPECIMEN, batch))
    note = "a place, a number and an identifier of its own in each; dates and names as in a collection"
    yield Figure(f"a specimen row of {rows:,}, interpreted", seconds / rows * 1e6, "µs", note=note)


def _best(bench: Bench, work: Callable[[], object]) -> float:
    """CPU seconds of the best round: these steps use one core."""
    took = []
    for _ in range(bench.rounds):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def _points(count: int) -> dict[str, pa.Array]:
    chance = random.Random(SEED)
    return {
        "decimalLatitude": pa.array([f"{chance.uniform(-90, 90):.5f}" for _ in range(count)]),
        "decimalLongitude": pa.array([f"{chance.uniform(-180, 180):.5f}" for _ in range(count)]),
        "interpretedCountryCode": pa.array(
            [chance.choice(["US", "BR", "DE", "AU", None]) for _ in range(count)]
        ),
    }


def _names(count: int) -> list[str]:
    chance = random.Random(SEED)
    epithets = ("".join(chance.choices("aeilnorst", k=6)) for _ in range(count))
    return [f"{chance.choice(_GENERA)} {epithet}a {chance.choice(_AUTHORS)}" for epithet in epithets]


def _specimens(count: int) -> pa.RecordBatch:
    chance = random.Random(SEED)
    names = _names(count // 20)
    rows = [
        {
            "change": "added",
            "occurrenceID": f"urn:uuid:{chance.getrandbits(128):032x}",
            "basisOfRecord": "PreservedSpecimen",
            "recordedBy": f"{chance.choice('ABCDEF')}. {chance.choice(_GENERA)}",
            "recordNumber": str(number),
            "eventDate": f"{1850 + number % 170}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "country": "Germany",
            "decimalLatitude": f"{50 + chance.random():.5f}",
            "decimalLongitude": f"{10 + chance.random():.5f}",
            "scientificName": chance.choice(names),
        }
        for number in range(count)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=SPECIMEN.arrow)
