"""Every real archive is tracked, its rows counted as python-dwca-reader does, or refused."""

from __future__ import annotations

import logging
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dwca.read import DwCAReader

if TYPE_CHECKING:
    from tests.journeys.conftest import Program, Said

LOG = logging.getLogger("journeys")
QUICK = ("ropensci+finch", "mihow+dwca-tools")
SLOW = (
    "BelgianBiodiversityPlatform+python-dwca-reader",
    "Big-Bee-Network+UCSB-IZC00012194",
    "DiSSCo+dissco-core-translator",
    "bio-guoda+preston",
    "bio-guoda+preston-sernec",
    "devvyn+aafc-herbarium-dwc-extraction-2025",
    "gbif+crawler",
    "gbif+dwca-io",
    "gnames+dwca",
    "gbif+ipt",
    "gbif+occurrence",
    "gbif+pipelines",
    "idigbio-api-hackathon+dedup",
    "ropensci+rgbif",
)
# Where python-dwca-reader gives other numbers, and why ours are right.
DIFFERENT = {
    # It reads only the first of a core's three <location>s.
    "multifile-multiline-header": {"taxa1.txt": 2, "taxa2.txt": 2, "taxa3.txt": 2},
    # The header has a quoted newline; it counts the header's second line as a row.
    "idigbio-api-hackathon+dedup/data": {"occurrence.txt": 916, "multimedia.txt": 73},
    # A spreadsheet is a zip, too; it takes the first member of it for a table.
    "test.xlsx": None,
}


def archives(folder: Path) -> list[Path]:
    """Unpacked archives, and every other file: some are archives, and what is not is to be refused."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    unpacked = sorted({path.parent for path in files if path.name.lower() == "meta.xml"})
    return unpacked + [path for path in files if not set(path.parents) & set(unpacked)]


@cache
def reference(path: Path) -> dict[str, int] | None:
    """Rows by data file as python-dwca-reader iterates them; None if it cannot."""
    try:
        with DwCAReader(str(path)) as reader:
            counts = {reader.core_file.file_descriptor.file_location: sum(1 for _ in reader)}
            for extension in reader.extension_files:
                counts[extension.file_descriptor.file_location] = sum(1 for _ in extension)
            return counts
    except Exception:
        return None  # it raises whatever its parts raise


def expected(path: Path) -> dict[str, int] | None:
    """What we hold ourselves to."""
    for ending, counts in DIFFERENT.items():
        if str(path).endswith(ending):
            return counts
    return reference(path)


def trouble(path: Path, said: Said) -> str | None:
    """What is wrong with how an archive was dealt with."""
    if said.status == 1:
        lines = said.err.strip().splitlines()
        last = lines[-1] if lines else ""
        if not last.startswith("Error: ") or path.name not in last or "Traceback" in said.err:
            return f"refused without one clear line: {said.err}"
        return f"python-dwca-reader reads it: {last}" if expected(path) else None
    if said.status not in (0, 3):
        return f"ended with {said.status}: {said.err}"
    return _miscounted(path, said)


def _miscounted(path: Path, said: Said) -> str | None:
    quarantined = said.of_type("quarantined")
    if len(quarantined) != said.summary["quarantined"] or bool(quarantined) != (said.status == 3):
        return f"{len(quarantined)} quarantined rows named: {said.summary}, status {said.status}"
    if not all(row["file"] and row["line"] and row["code"] and row["message"] for row in quarantined):
        return f"a quarantined row lacks its place or reason: {quarantined}"
    ours = Counter(said.summary["rows"]) + Counter(row["file"] for row in quarantined)
    theirs = expected(path)
    if theirs is not None and ours != +Counter(theirs):
        return f"{dict(ours)} where python-dwca-reader counts {theirs}"
    return None


@pytest.mark.parametrize(
    "repository",
    [*QUICK, *(pytest.param(name, marks=[pytest.mark.slow, pytest.mark.timeout(900)]) for name in SLOW)],
)
def test_every_archive_lands_with_all_its_rows_or_is_refused_in_one_line(
    repository: str, shared_data: Path, program: Program, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    assert program("--node", node, "init").status == 0
    troubles, outcomes = [], Counter[str]()
    for path in archives(shared_data / "dwca" / repository):
        said = program("--node", node, "--json", "track", path, "--no-images")
        if found := trouble(path, said):
            troubles.append(f"{path.relative_to(shared_data)}: {found}")
        outcomes[f"{said.status}{'' if reference(path) is None else ', read by python-dwca-reader'}"] += 1
    LOG.info(f"{repository}: {dict(outcomes)}")
    assert troubles == []
    said = program("--node", node, "--json", "verify", "--deep")
    assert said.status == 0, said.out
    _rebuilds_the_same(program, node)


def _rebuilds_the_same(program: Program, node: Path) -> None:
    before = program("--node", node, "--json", "index", "digest").items[-1]["indexDigest"]
    assert program("--node", node, "--json", "index", "rebuild").items[-1]["indexDigest"] == before


def test_every_repository_of_archives_is_in_this_test(shared_data: Path) -> None:
    assert {path.name for path in (shared_data / "dwca").iterdir()} == {*QUICK, *SLOW}
