from __future__ import annotations

import os
import resource
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from manifests.tables import CAPTURE
from node.compose import Node
from node.errors import JournalError
from node.journal import CrawlState, Journal, Phase, Planned

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_CRAWL = "urn:uuid:1"
_STATE = CrawlState(_CRAWL, "/place", "{}", "2026-01-01T00:00:00Z", Phase.GATHERING)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def test_what_the_journal_took_survives_a_power_cut(path: Path) -> None:
    """WAL with synchronous=FULL (2) flushes the log at every commit (sqlite.org/pragma.html)."""
    journal = Journal(path)
    (mode,) = journal._db.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = journal._db.execute("PRAGMA synchronous").fetchone()
    assert (mode, synchronous) == ("wal", 2)
    journal.close()


def test_captures_land_all_or_none(path: Path) -> None:
    journal = Journal(path)
    journal.begin(_STATE)
    row = dict.fromkeys(CAPTURE.names) | {"url": "u", "role": "image"}

    def rows() -> list[tuple[dict[str, object], bool]]:
        return [(row, False), ({**row, "url": None}, False)]

    with pytest.raises(JournalError, match="did not take"):
        journal.record(_CRAWL, rows())
    assert list(journal.captures(_CRAWL)) == []
    journal.close()


def test_one_crawl_cannot_begin_twice(path: Path) -> None:
    journal = Journal(path)
    journal.begin(_STATE)
    with pytest.raises(JournalError):
        journal.begin(_STATE)
    assert journal.unfinished() == (_STATE,)
    journal.close()


def test_a_plan_of_many_images_is_given_page_by_page_while_captures_come_in(path: Path) -> None:
    journal = Journal(path)
    journal.begin(_STATE)
    journal.plan(_CRAWL, (Planned(f"u{n:05}", "s") for n in range(2500)))
    seen = []
    for planned in journal.planned(_CRAWL, page=100):
        seen.append(planned.url)
        row = dict.fromkeys(CAPTURE.names) | {"url": planned.url, "role": "image"}
        if len(seen) % 50 == 0:
            journal.record(_CRAWL, [(row, False)])
    assert seen == [f"u{n:05}" for n in range(2500)]
    assert journal.unfetched_count(_CRAWL) == 2450
    journal.close()


def test_digests_come_back_as_bytes(path: Path) -> None:
    journal = Journal(path)
    journal.begin(_STATE)
    row = dict.fromkeys(CAPTURE.names) | {"url": "u", "role": "image", "lastKnown": Digest.of(b"x").raw}
    journal.record(_CRAWL, [(row, False)])
    assert journal.captured(_CRAWL, "u") == row
    journal.close()


def test_a_file_that_is_no_journal_is_named(path: Path) -> None:
    path.write_bytes(os.urandom(5000))
    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        Journal(path)


@pytest.mark.parametrize("command", [("track",), ("add",)])
def test_a_damaged_journal_ends_a_command_in_one_line(
    fresh: Node, vasculum: Vasculum, command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("bytes")
    with sqlite3.connect(fresh.layout.journal) as database:
        database.execute("CREATE TABLE crawl (other TEXT)")
    said = vasculum("--node", fresh.layout.root, *command, tmp_path / "a.txt")
    assert said.code == 1
    assert "journal" in said.err
    assert "Remove it" in said.err, "it says what to do"


def test_a_journal_with_damaged_pages_ends_a_command_in_one_line(
    fresh: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("bytes")
    assert vasculum("--node", fresh.layout.root, "add", tmp_path / "a.txt").code == 0
    data = bytearray(fresh.layout.journal.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    fresh.layout.journal.write_bytes(data)
    said = vasculum("--node", fresh.layout.root, "add", tmp_path / "a.txt")
    assert said.code == 1
    assert "journal" in said.err
    deep = vasculum("--json", "--node", fresh.layout.root, "verify", "--deep")
    assert deep.code == 4
    assert [fault["part"] for fault in deep.of("fault")] == ["journal"]


def test_a_full_disk_does_not_pass_for_a_damaged_journal(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    try:
        with pytest.raises(JournalError, match="Free some space"):
            Journal(tmp_path / "journal.sqlite")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    Journal(tmp_path / "journal.sqlite").close()
