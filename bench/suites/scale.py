"""Measure this machine for `spec/scale.md`, and write the page anew."""

from __future__ import annotations

from collections.abc import Iterator

from bench.harness import Bench, Figure, say
from bench.scale.measure import measure_machine
from bench.scale.measured import FILE, PAGE
from bench.scale.page import page

BY_NAME_ONLY = True  # it writes into the project


def run(bench: Bench) -> Iterator[Figure]:
    """Writes `spec/scale.json` and `spec/scale.md`; with --quick it only shows that it could."""
    measured = measure_machine(bench)
    if bench.quick:
        say(page(measured))
    else:
        FILE.write_text(measured.encode(), "utf-8")
        # From the file, not from memory: its figures are rounded.
        PAGE.write_text(page(type(measured).decode(FILE.read_text("utf-8"))), "utf-8")
        say(f"wrote {FILE} and {PAGE}")
    yield Figure("rows measured for spec/scale.md", measured.rows, "rows")
    bench.clean()
