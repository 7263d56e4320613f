"""One data file to read, and what came of it: what the careful and the fast reader have in common."""

from dataclasses import dataclass
from pathlib import Path

from crawlers.dwca.dialect import Cut
from crawlers.dwca.plan import RowPlan
from crawlers.dwca.staging import Part


@dataclass(frozen=True, slots=True)
class Job:
    """Where a data file's bytes are, how they are cut and mapped, and what its rows are called.

    `address` goes before `L42` in a source row; parts are written beside `out`.
    """

    path: Path
    cut: Cut
    plan: RowPlan
    source: str
    address: str
    out: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a data file. `quarantined` counts records set aside by code, `reader` is who read it."""

    parts: tuple[Part, ...]
    rows: int
    quarantined: tuple[tuple[str, int], ...]
    blank_lines: int
    reader: str
