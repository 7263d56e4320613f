"""Crawls after the first, crawls cut short, and two processes at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from node.compose import Node
from node.museum import Museum
from node.museum.addresses import ARCHIVE_PATH, image_path
from node.museum.catalogue import changes
from node.museum.web import faults
from provenance.log.leaf import StatementLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.node.conftest import Said, Vasculum

_ALL = {"fetched": 25, "unchanged": 0, "failed": 2, "gone": 0}


def _track(vasculum: Vasculum, node: Node, museum: Museum, *options: str) -> Said:
    return vasculum("--json", "--node", node.layout.root, "track", museum.archive_url, *options)


def _captures(said: Said) -> dict[str, dict[str, Any]]:
    return {item["url"]: item for item in said.of("capture")}


def test_a_second_crawl_downloads_no_unchanged_byte_and_converts_no_unchanged_archive(
    fresh: Node, museum: Museum, vasculum: Vasculum
) -> None:
    assert _track(vasculum, fresh, museum).summary["images"] == _ALL
    museum.requests.clear()
    said = _track(vasculum, fresh, museum)
    assert said.code == 3, "two images are still missing"
    assert said.summary["images"] == {"fetched": 0, "unchanged": 25, "failed": 2, "gone": 0}
    assert said.summary["changes"] == {}
    assert not said.of("archive"), "nothing was read again"
    sent = {path for path, size in museum.requests.bytes_by_path().items() if size}
    assert sent == {"/robots.txt", image_path("MDS00010419"), image_path("MDS00010420")}


def test_after_a_change_only_what_changed_is_fetched_and_names_what_it_replaces(
    fresh: Node, museum: Museum, vasculum: Vasculum
) -> None:
    assert _track(vasculum, fresh, museum).code == 3
    (again,), (added,) = changes().rephotographed, changes().added
    before = Digest.of(museum.resources[image_path(again)].body)
    museum.advance()
    museum.requests.clear()
    said = _track(vasculum, fresh, museum)
    captures = _captures(said)
    assert captures[museum.image_url(again)]["revisionOf"] == before.uri
    assert captures[museum.image_url(again)]["outcome"] == "fetched"
    assert "revisionOf" not in captures[museum.image_url(added)]
    pictures = {path for path, size in museum.requests.bytes_by_path().items() if size and ".jpg" in path}
    failing = {image_path("MDS00010419"), image_path("MDS00010420")}
    assert pictures == {image_path(again), image_path(added), *failing}
    counts = {"added": 1, "changed": 1, "removed": 1}
    assert said.summary["changes"]["specimen"] == counts
    assert vasculum("--node", fresh.layout.root, "cat", before.hex).code == 0, "the old picture is kept"


@pytest.mark.parametrize("status", [404, pytest.param(410, marks=pytest.mark.slow)])
def test_an_image_that_is_gone_upstream_is_marked_and_still_served(
    fresh: Node, museum: Museum, vasculum: Vasculum, status: int
) -> None:
    assert _track(vasculum, fresh, museum).code == 3
    url = museum.image_url("MDS00010401")
    bytes_before = museum.resources[image_path("MDS00010401")].body
    known = Digest.of(bytes_before)
    museum.trouble(url, faults.status(status))
    said = _track(vasculum, fresh, museum)
    capture = _captures(said)[url]
    assert (capture["outcome"], capture["status"], capture["lastKnown"]) == ("gone", status, known.uri)
    assert said.summary["images"]["gone"] == 1
    assert vasculum("--node", fresh.layout.root, "--json", "show", known.hex).summary["here"] is True
    listed = vasculum("--node", fresh.layout.root, "--json", "ls", "failures").of("failures")
    assert {"outcome": "gone", "lastKnown": known.uri}.items() <= next(
        i for i in listed if i["url"] == url
    ).items()
    museum.heal()
    back = _track(vasculum, fresh, museum)
    assert _captures(back)[url]["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (faults.too_many_requests(1), "fetched", None),
        pytest.param(faults.unavailable(0), "fetched", None, marks=pytest.mark.slow),
        pytest.param(faults.slow(0.3, 400_000), "fetched", None, marks=pytest.mark.slow),
        (faults.truncated(20_000), "fetched", None),
        pytest.param(faults.wrong_type("text/html"), "fetched", None, marks=pytest.mark.slow),
        (faults.error_page(), "failed", "not-an-image"),
        (faults.status(403), "failed", "access-denied"),
    ],
)
def test_a_fault_that_passes_costs_a_retry_and_one_that_stays_is_recorded(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path, fault: faults.Fault, outcome: str,
    reason: str | None,
) -> None:  # fmt: skip
    url = museum.image_url("MDS00010401")
    source = tmp_path / "list.txt"
    source.write_text(f"{url}\n{museum.image_url('MDS00010402')}\n")
    museum.trouble(url, fault, times=1)
    said = vasculum("--json", "--node", fresh.layout.root, "track", source, "--allow-private")
    capture = said.of("capture")
    last = [item for item in capture if item["url"] == url][-1]
    assert (last["outcome"], last.get("reason")) == (outcome, reason)
    assert said.summary["images"]["fetched"] == (2 if outcome == "fetched" else 1)
    assert said.code == (0 if outcome == "fetched" else 3)
    if outcome == "fetched":
        assert last["digest"] == Digest.of(museum.resources[image_path("MDS00010401")].body).uri
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


def test_records_first_and_images_later_are_one(fresh: Node, museum: Museum, vasculum: Vasculum) -> None:
    assert _track(vasculum, fresh, museum, "--no-images").code == 0
    said = _track(vasculum, fresh, museum)
    assert said.summary["images"] == _ALL
    assert said.summary["changes"] == {}


def _killed_after(node: Node, museum: Museum, lines: int, *options: str) -> list[dict[str, Any]]:
    """Run `track` in a process and kill it once it has told of so many captures; returns what it told."""
    command = [sys.executable, "-m", "node.cli", "--json", "--node", str(node.layout.root)]
    process = subprocess.Popen(
        [*command, "track", museum.archive_url, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(json.loads(line))
        if sum(item["type"] == "capture" for item in told) >= lines:
            break
    process.send_signal(signal.SIGKILL)
    process.stdout.read()
    process.wait(10)
    return [item for item in told if item["type"] == "capture"]


def test_a_crawl_cut_short_goes_on_where_it_stopped(fresh: Node, museum: Museum, vasculum: Vasculum) -> None:
    for number in range(1, 17):
        museum.trouble(museum.image_url(f"MDS000104{number:02}"), faults.slow(0.4))
    told = _killed_after(fresh, museum, 4)
    status = vasculum("--json", "--node", fresh.layout.root, "status").summary
    (unfinished,) = status["unfinished"]
    assert unfinished["location"] == museum.archive_url
    assert "to go on" in vasculum("--node", fresh.layout.root, "status").out
    museum.heal()
    museum.requests.clear()
    said = _track(vasculum, fresh, museum)
    assert said.summary["resumed"] is True
    assert said.summary["crawl"] == unfinished["crawl"] == told[0]["crawl"]
    assert said.summary["images"] == _ALL
    asked = {entry.request.path for entry in museum.requests}
    done = {item["url"].removeprefix(museum.url) for item in told if item["outcome"] == "fetched"}
    assert done
    assert not asked & done, "what was acknowledged is not fetched again"
    assert not vasculum("--json", "--node", fresh.layout.root, "status").summary["unfinished"]
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


@pytest.mark.slow
def test_other_options_make_another_crawl(fresh: Node, museum: Museum, vasculum: Vasculum) -> None:
    for number in range(1, 17):
        museum.trouble(museum.image_url(f"MDS000104{number:02}"), faults.slow(0.4))
    told = _killed_after(fresh, museum, 2)
    museum.heal()
    other = _track(vasculum, fresh, museum, "--no-images")
    assert other.summary["resumed"] is False
    assert other.summary["crawl"] != told[0]["crawl"]
    same = _track(vasculum, fresh, museum)
    assert (same.summary["resumed"], same.summary["crawl"]) == (True, told[0]["crawl"])


@pytest.mark.slow
def test_a_crawl_killed_while_finishing_is_settled_exactly_once(
    fresh: Node, museum: Museum, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Killed before the append, and killed after it: the next command of any kind ends the crawl."""
    import node.track.finish as finish

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    (tmp_path / "a.txt").write_text("a")
    for part, source in (("_append", ARCHIVE_PATH), ("_forget", "/absent.zip")):
        size = fresh.reader.head().size
        with monkeypatch.context() as patch:
            patch.setattr(finish, part, killed)
            with pytest.raises(Killed):
                vasculum("--node", fresh.layout.root, "track", museum.url + source, "--no-images")
        assert (fresh.reader.head().size == size) == (part == "_append")
        for _ in range(2):
            assert vasculum("--node", fresh.layout.root, "add", tmp_path / "a.txt").code == 0
        statements = [
            leaf.statement
            for leaf in map(decode_leaf, fresh.reader.leaves())
            if isinstance(leaf, StatementLeaf)
        ]
        assert len(set(statements)) == len(statements)
        with fresh.index() as index:
            crawls = index.rows("SELECT iri FROM statement WHERE source = ?", [museum.url + source])
            assert len(crawls) == 1
        assert not vasculum("--json", "--node", fresh.layout.root, "status").summary["unfinished"]
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


@pytest.mark.slow
def test_two_processes_that_write_at_once_both_end_well_and_never_fork_the_log(
    fresh: Node, museum: Museum, tmp_path: Path, vasculum: Vasculum
) -> None:
    sources = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "same.txt").write_text("the same bytes")
        (folder / f"{name}.txt").write_text(name)
        sources.append(("add", str(folder)))
    sources.append(("track", museum.archive_url))
    command = [sys.executable, "-m", "node.cli", "--json", "--node", str(fresh.layout.root)]
    processes = [
        subprocess.Popen([*command, *source], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for source in sources
    ]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 3], [error for _, error in answers]
    summaries = [json.loads(out.splitlines()[-1]) for out, _ in answers]
    assert len({summary["logIndex"] for summary in summaries}) == 3
    assert any(b"Another vasculum process is writing" in error for _, error in answers)
    with fresh.index() as index:
        assert index.one("SELECT count(*) AS n FROM statement WHERE kind = 'Crawl'") == {"n": 3}
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0
