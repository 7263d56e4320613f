"""Every kind of source through the command line, once and again."""

from __future__ import annotations

import os
import shutil
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.compose import Node
from node.jobs import rules
from node.jobs.child import run_job
from node.jobs.model import State
from node.jobs.store import JobStore
from node.jobs.submit import submit_job
from node.museum import Museum
from node.museum.addresses import ARCHIVE_PATH, image_path
from node.museum.web import faults

if TYPE_CHECKING:
    from tests.node.conftest import Said, Vasculum


def _archive(museum: Museum) -> bytes:
    return museum.resources[ARCHIVE_PATH].body


def _image(museum: Museum, number: str) -> bytes:
    return museum.resources[image_path(number)].body


def _track(vasculum: Vasculum, node: Node, source: object, *options: str) -> Said:
    return vasculum("--json", "--node", node.layout.root, "track", source, *options)


_ROWS = {"multimedia.txt": 27, "occurrence.txt": 30}


@pytest.mark.parametrize(
    "form",
    [
        "zip",
        "folder",
        pytest.param("url", marks=pytest.mark.slow),
        pytest.param("file-url", marks=pytest.mark.slow),
    ],
)
def test_an_archive_is_tracked_in_any_form(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "my archive.zip"
    path.write_bytes(_archive(museum))
    source: object = {"zip": path, "url": museum.archive_url, "file-url": path.as_uri()}.get(form)
    if form == "folder":
        source = tmp_path / "unpacked"
        zipfile.ZipFile(path).extractall(tmp_path / "unpacked")
        (tmp_path / "unpacked" / ".DS_Store").write_text("of a desktop")
        (tmp_path / "unpacked" / "link.txt").symlink_to("/etc/passwd")
    said = _track(vasculum, fresh, source, "--no-images")
    assert said.code == 0, said.err
    assert said.summary["rows"] == _ROWS
    assert said.summary["changes"]["specimen"] == {"added": 30}
    if form == "folder":
        assert {item["url"] for item in said.of("capture")} == {
            "file:eml.xml", "file:meta.xml", "file:multimedia.txt", "file:occurrence.txt",
        }  # fmt: skip
    again = _track(vasculum, fresh, source, "--no-images")
    assert (again.code, again.summary["changes"]) == (0, {})
    assert {item["outcome"] for item in again.of("capture")} == {"unchanged"}
    with fresh.index() as index:
        address = index.rows("SELECT sourceRow FROM specimen ORDER BY row LIMIT 1")[0]["sourceRow"]
    line = vasculum("--node", fresh.layout.root, "cat", address)
    table = zipfile.ZipFile(BytesIO(_archive(museum))).read("occurrence.txt")
    assert line.out.encode() == table.splitlines(keepends=True)[1]


def test_a_feed_tracks_what_is_there_and_names_what_is_not(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    entries = "".join(
        f'<item><title>{title}</title><ipt:dwca xmlns:ipt="http://ipt.gbif.org/">{url}</ipt:dwca></item>'
        for title, url in (
            ("here", museum.archive_url),
            ("absent", f"{museum.url}/absent.zip"),
            ("no archive", museum.list_url),
        )
    )
    empty = "<item><title>Metadata only</title></item>"
    feed = tmp_path / "rss.xml"
    feed.write_text(f'<rss version="2.0"><channel><title>F</title>{entries}{empty}</channel></rss>')
    said = _track(vasculum, fresh, feed, "--no-images", "--allow-private")
    assert said.code == 3
    assert said.summary["rows"] == _ROWS
    assert said.summary["refused"] == 3
    reasons = " ".join(item["reason"] for item in said.of("refused"))
    assert "absent.zip" in reasons
    assert "Metadata only" in reasons
    assert museum.list_url in reasons


def test_the_museums_own_feed_is_tracked_with_its_images(
    fresh: Node, museum: Museum, vasculum: Vasculum
) -> None:
    said = _track(vasculum, fresh, museum.feed_url)
    assert said.code == 3
    assert said.summary["images"] == {"fetched": 25, "unchanged": 0, "failed": 2, "gone": 0}


@pytest.mark.parametrize("kind", [pytest.param("lines", marks=pytest.mark.slow), "table", "local"])
def test_a_list_of_addresses_is_tracked(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path, kind: str
) -> None:
    source: object = museum.list_url if kind == "lines" else museum.table_url
    if kind == "local":
        source = tmp_path / "list.txt"
        source.write_text(
            f"# two images\n{museum.image_url('MDS00010401')}\n{museum.image_url('MDS00010402')}\n"
        )
    said = _track(vasculum, fresh, source, "--allow-private")
    fetched, failed = (2, 0) if kind == "local" else (25, 2)
    assert said.code == (3 if failed else 0)
    assert said.summary["images"] == {"fetched": fetched, "unchanged": 0, "failed": failed, "gone": 0}
    again = _track(vasculum, fresh, source, "--allow-private")
    assert again.summary["images"] == {"fetched": 0, "unchanged": fetched, "failed": failed, "gone": 0}
    assert again.summary["changes"] == {}


def test_a_folder_of_images_is_followed_through_its_changes(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    first, second = _image(museum, "MDS00010401"), _image(museum, "MDS00010402")
    for name in ("a.jpg", "sub/b.jpg", "c.jpg"):
        (folder / name).write_bytes(first)
    (folder / "about.txt").write_text("not an image")
    said = _track(vasculum, fresh, folder)
    assert (said.code, said.summary["images"]["fetched"], said.summary["files"]["fetched"]) == (0, 3, 1)
    same = _track(vasculum, fresh, folder)
    assert (same.summary["images"]["unchanged"], same.summary["files"]["unchanged"]) == (3, 1)

    (folder / "a.jpg").write_bytes(second)
    (folder / "sub" / "b.jpg").unlink()
    third = _track(vasculum, fresh, folder)
    assert third.summary["images"] == {"fetched": 1, "unchanged": 1, "failed": 0, "gone": 1}
    captures = {item["url"]: item for item in third.of("capture")}
    assert captures["file:a.jpg"]["revisionOf"] == Digest.of(first).uri
    assert captures["file:sub/b.jpg"]["outcome"] == "gone"
    assert captures["file:sub/b.jpg"]["lastKnown"] == Digest.of(first).uri
    assert captures["file:sub/b.jpg"]["role"] == "image"

    fourth = _track(vasculum, fresh, folder)
    assert fourth.summary["images"] == {"fetched": 0, "unchanged": 2, "failed": 0, "gone": 0}, "told once"
    shutil.copy(folder / "c.jpg", folder / "sub" / "b.jpg")
    assert _track(vasculum, fresh, folder).summary["images"]["unchanged"] == 3, "and back"
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("letter.txt", b"Dear colleague,\n", "nothing that can be tracked"),
        ("empty.txt", b"", "nothing that can be tracked"),
        ("broken.zip", b"PK\x03\x04broken", "broken.zip"),
        ("cut.xml", b"<rss><channel><item>", "cut.xml"),
    ],
)
def test_a_source_that_is_none_is_refused_in_one_line_and_leaves_a_record(
    fresh: Node, vasculum: Vasculum, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for _ in range(2):
        said = vasculum("--node", fresh.layout.root, "track", path)
        assert (said.code, said.out) == (1, "")
        assert words in said.err
        assert "Traceback" not in said.err
    with fresh.index() as index:
        assert index.one("SELECT count(*) AS n FROM capture") == {"n": 2}


def test_an_archive_that_became_unreadable_is_refused_every_time(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(_archive(museum))
    assert _track(vasculum, fresh, path, "--no-images").code == 0
    path.write_bytes(_archive(museum)[:2000])
    for _ in range(2):
        assert _track(vasculum, fresh, path, "--no-images").code == 1
    path.write_bytes(_archive(museum))
    assert _track(vasculum, fresh, path, "--no-images").code == 0


@pytest.mark.parametrize("typed", ["no/such/file", "ftp://a.test/x.zip", "https://me:word@a.test/x.zip"])
def test_what_cannot_be_fetched_at_all_leaves_no_crawl(fresh: Node, vasculum: Vasculum, typed: str) -> None:
    before = fresh.reader.head().size
    said = vasculum("--node", fresh.layout.root, "track", typed)
    assert (said.code, said.out) == (1, "")
    assert fresh.reader.head().size == before
    assert not vasculum("--json", "--node", fresh.layout.root, "status").summary["unfinished"]


def test_a_source_that_is_not_there_is_named_and_recorded(
    fresh: Node, museum: Museum, vasculum: Vasculum
) -> None:
    said = vasculum("--node", fresh.layout.root, "track", f"{museum.url}/absent.zip")
    assert (said.code, said.out) == (1, "")
    assert "absent.zip" in said.err
    assert "404" in said.err
    failures = vasculum("--json", "--node", fresh.layout.root, "ls", "failures").of("failures")
    assert [item["url"] for item in failures] == [f"{museum.url}/absent.zip"]


def test_private_addresses_that_a_source_names_are_refused_unless_allowed(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{museum.image_url('MDS00010401')}\n")
    refused = _track(vasculum, fresh, path)
    assert (refused.code, refused.summary["images"]["failed"]) == (3, 1)
    assert refused.of("capture")[-1]["reason"] == "address-refused"
    assert len(museum.requests) == 0
    assert _track(vasculum, fresh, path, "--allow-private").code == 0
    fresh.layout.config.write_text(
        fresh.layout.config.read_text().replace("allow_private = false", "allow_private = true")
    )
    assert _track(vasculum, fresh, path).code == 0


def test_a_source_that_was_named_over_http_is_no_way_into_the_network_of_the_node(
    fresh: Node, museum: Museum
) -> None:
    store, limits = JobStore(fresh.layout.jobs), fresh.config.jobs
    asked = {"source": museum.archive_url}
    job = submit_job(store, limits, "track", asked, attempts=1, remote=True)
    begun = store.change(job.id, lambda one: rules.begun(one, one.due))
    ended = run_job(fresh.layout, store, begun)
    assert ended.state is State.FAILED
    assert "private" in (ended.error or "")
    assert len(museum.requests) == 0


def test_reserved_images_are_left_there_until_the_settings_say_that_there_is_leave(
    fresh: Node, museum: Museum, vasculum: Vasculum
) -> None:
    url = museum.image_url("MDS00010401")
    museum.trouble(url, lambda answer: answer.with_header("TDM-Reservation", "1"))
    refused = {item["url"]: item for item in _track(vasculum, fresh, museum.list_url).of("capture")}
    assert refused[url]["reason"] == "tdm-reserved"
    assert "honour_tdm" in refused[url]["message"]
    settings = fresh.layout.config.read_text()
    fresh.layout.config.write_text(settings.replace("honour_tdm = true", "honour_tdm = false"))
    taken = {item["url"]: item for item in _track(vasculum, fresh, museum.list_url).of("capture")}
    assert taken[url]["outcome"] == "fetched"


def test_a_host_that_was_typed_vouches_for_no_other(
    fresh: Node, museum: Museum, drawings_directory: Path, vasculum: Vasculum
) -> None:
    with Museum(drawings_directory) as other:
        museum.trouble(museum.image_url("MDS00010401"), faults.redirect(other.image_url("MDS00010401")))
        said = _track(vasculum, fresh, museum.list_url)
        failed = {item["url"]: item for item in said.of("capture") if item["outcome"] == "failed"}
        assert failed[museum.image_url("MDS00010401")]["reason"] == "address-refused"
        assert len(other.requests) == 0


def test_no_images_means_none(fresh: Node, museum: Museum, vasculum: Vasculum) -> None:
    said = _track(vasculum, fresh, museum.archive_url, "--no-images")
    assert said.code == 0
    assert {entry.request.path for entry in museum.requests} == {"/robots.txt", ARCHIVE_PATH}


@pytest.mark.parametrize("limit", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_a_host_never_sees_more_requests_at_once_than_it_was_promised(
    fresh: Node, museum: Museum, vasculum: Vasculum, limit: int
) -> None:
    for number in range(1, 15):
        museum.trouble(museum.image_url(f"MDS000104{number:02}"), faults.slow(0.05))
    assert _track(vasculum, fresh, museum.list_url, "--max-per-host", str(limit)).code == 3
    assert museum.requests.most_at_once == limit


def test_what_robots_txt_forbids_is_left_alone(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    said = vasculum("--node", fresh.layout.root, "track", f"{museum.url}/private/accession-book.txt")
    assert said.code == 1
    assert "robots" in said.err
    assert not museum.requests.of("/private/accession-book.txt")


def test_add_keeps_files_as_they_are(fresh: Node, vasculum: Vasculum, tmp_path: Path) -> None:
    folder = tmp_path / "things"
    (folder / ".hidden").mkdir(parents=True)
    (folder / ".hidden" / "x.txt").write_text("hidden")
    (folder / ".secret").write_text("hidden")
    (folder / "a.txt").write_text("a")
    (folder / "link.txt").symlink_to(folder / ".secret")
    (folder / "elsewhere").symlink_to("/etc")
    (folder / "meta.xml").write_text("<archive/>")
    os.mkfifo(folder / "pipe")
    said = vasculum("--json", "--node", fresh.layout.root, "add", folder)
    assert said.code == 0, said.err
    assert sorted(item["url"] for item in said.of("capture")) == ["file:a.txt", "file:meta.xml"]
    assert said.summary["files"]["fetched"] == 2
    assert said.summary["rows"] == {}


def test_add_takes_one_file_or_an_empty_folder(fresh: Node, vasculum: Vasculum, tmp_path: Path) -> None:
    root = fresh.layout.root
    (tmp_path / "empty").mkdir()
    (tmp_path / "one.txt").write_text("one")
    said = vasculum("--json", "--node", root, "add", tmp_path / "one.txt")
    assert (said.code, said.summary["files"]["fetched"]) == (0, 1)
    assert vasculum("--node", root, "cat", Digest.of(b"one").hex).out == "one"
    assert vasculum("--json", "--node", root, "add", tmp_path / "empty").code == 0
    assert vasculum("--json", "--node", root, "track", tmp_path / "empty").code == 0
    assert vasculum("--node", root, "verify", "--deep").code == 0


@pytest.mark.parametrize("what", ["/dev/zero", "absent"])
def test_add_refuses_what_is_no_file(fresh: Node, vasculum: Vasculum, what: str) -> None:
    said = vasculum("--node", fresh.layout.root, "add", what)
    assert said.code in (1, 2)
    assert what in said.err


def test_add_of_a_file_that_cannot_be_read_is_partial_and_names_it(fresh: Node, vasculum: Vasculum) -> None:
    """The memory of a process is a regular file whose first byte nobody can read, not even root."""
    said = vasculum("--json", "--node", fresh.layout.root, "add", "/proc/self/mem")
    assert said.code == 3
    assert said.summary["files"] == {"fetched": 0, "unchanged": 0, "failed": 1, "gone": 0}
    assert said.of("capture")[0]["reason"] == "unreadable"
    tracked = vasculum("--node", fresh.layout.root, "track", "/proc/self/mem")
    assert tracked.code == 1
    assert "cannot be read" in tracked.err
