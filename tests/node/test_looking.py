"""show, history and cat: every form of an identifier, and nothing but sound bytes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.proof import prove_row
from manifests.row_uri import RowUri
from manifests.tables import TABLES
from node.compose import Node
from node.errors import NotFound
from node.index import Index, apply_log
from node.look.resolve import resolve
from node.museum.catalogue import changes
from provenance.log.leaf import SegmentLeaf, UnknownLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.fixture(scope="module")
def image(tracked: Node) -> Digest:
    """The picture that was taken anew: the older of the two."""
    with tracked.index() as index:
        query = "SELECT digest FROM capture WHERE url LIKE ? AND digest IS NOT NULL ORDER BY log_index"
        row = index.one(query, [f"%{changes().rephotographed[0]}.jpg"])
    assert row is not None
    return Digest(row["digest"])


def _forms(digest: Digest) -> Iterator[str]:
    yield from (digest.hex, digest.hex.upper(), digest.uri, digest.ni, digest.cid, digest.multihash)
    yield from (digest.hex[:8], digest.hex[:63], f"hash://sha256/{digest.hex[:10]}", f" {digest.hex} ")


def test_every_form_of_a_digest_names_one_thing(tracked: Node, image: Digest, vasculum: Vasculum) -> None:
    for form in _forms(image):
        said = vasculum("--node", tracked.layout.root, "--json", "show", form)
        assert (said.code, said.err) == (0, ""), form
        assert said.summary["digest"] == image.uri
        assert said.summary["type"] == "blob"
    assert vasculum("--node", tracked.layout.root, "cat", image.cid).code == 0


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("abcdef1", 2, "too short"),
        ("00000000", 1, "Nothing in this node begins with"),
        ("0" * 64, 1, "knows nothing"),
        ("hello", 1, "is no identifier"),
        ("urn:uuid:00000000-0000-0000-0000-000000000000", 1, "no statement"),
        ("urn:uuid:", 1, "no statement"),
        (f"hash://sha256/{'0' * 64}#row=1", 1, "no segment"),
        ("#row=1", 1, ""),
        ("hash://sha256/zz#row=1", 1, ""),
        ("line:nonsense", 1, ""),
        (f"line:hash://sha256/{'0' * 64}!/L1", 1, ""),
        ("ni:///sha-256;AAAA", 1, "is no identifier"),
        ("bafy", 1, "is no identifier"),
        ("' OR 1=1 --", 1, "is no identifier"),
    ],
)
@pytest.mark.parametrize("command", ["show", "history", "cat", "cite"])
def test_what_names_nothing_is_said_in_one_line(
    tracked: Node, vasculum: Vasculum, command: str, typed: str, code: int, words: str
) -> None:
    said = vasculum("--node", tracked.layout.root, command, typed)
    assert (said.code, said.out) == (code, "")
    if not (command == "cat" and typed.startswith("line:")):
        assert words in said.err


def test_an_ambiguous_prefix_ends_with_2_and_lists_what_it_fits(fresh: Node, vasculum: Vasculum) -> None:
    first = add_bytes(fresh.store, b"1")
    twin = fresh.store.path(first).with_name(first.hex[:60] + "0000")
    twin.write_bytes(b"whatever")
    said = vasculum("--node", fresh.layout.root, "show", first.hex[:12])
    assert (said.code, said.out) == (2, "")
    assert first.hex in said.err
    assert twin.name in said.err


def test_everything_in_the_log_can_be_shown_and_told_of(tracked: Node, vasculum: Vasculum) -> None:
    seen = set()
    for leaf in map(decode_leaf, tracked.reader.leaves()):
        assert not isinstance(leaf, UnknownLeaf)
        if isinstance(leaf, SegmentLeaf):
            names = [(leaf.segment.uri, "segment"), (f"{leaf.segment}#row={leaf.rows}", "row")]
            seen.add(leaf.table)
        else:
            names = [(leaf.statement.uri, "statement")]
        for name, kind in names:
            shown = vasculum("--node", tracked.layout.root, "--json", "show", name)
            assert (shown.code, shown.summary["type"]) == (0, kind)
            told = vasculum("--node", tracked.layout.root, "--json", "history", name)
            assert (told.code, told.summary["type"]) == (0, "summary")
    assert seen == {"capture", "media", "specimen"}
    assert vasculum("--node", tracked.layout.root, "--json", "show", "snapshot").summary["type"] == "snapshot"


def test_a_row_beyond_its_segment_is_not_there(tracked: Node, vasculum: Vasculum) -> None:
    leaf = next(leaf for leaf in map(decode_leaf, tracked.reader.leaves()) if isinstance(leaf, SegmentLeaf))
    said = vasculum("--node", tracked.layout.root, "show", f"{leaf.segment}#row={leaf.rows + 1}")
    assert said.code == 1
    assert f"ends at row {leaf.rows}" in said.err


def test_a_row_of_a_table_that_is_not_known_here_is_said_to_be_so(tracked: Node, tmp_path: Path) -> None:
    strange = SegmentLeaf(
        Digest.of(b"s"), Digest.of(b"t"), "finding", Digest.of(b"q"), 3, Digest.of(b"r"), AccessClass.PUBLIC
    )
    with Index(tmp_path / "index.duckdb") as index:
        apply_log(index, lambda *_: [strange.encode()], 1, tracked.store.path)
        with pytest.raises(NotFound, match="cannot read"):
            resolve(tracked, index, str(RowUri(strange.segment, 1)))


def test_history_leads_from_the_bytes_back_to_the_line_of_the_published_file(
    tracked: Node, tracked_once: tuple[Path, dict[str, str]], image: Digest, vasculum: Vasculum
) -> None:
    said = vasculum("--node", tracked.layout.root, "--json", "history", image.hex)
    assert said.code == 0
    (origin,) = said.of("origin")
    assert origin["capture"]["url"] == f"{tracked_once[1]['base']}/media/{changes().rephotographed[0]}.jpg"
    assert (origin["capture"]["status"], origin["capture"]["outcome"]) == (200, "fetched")
    assert origin["signer"] == tracked.identity_public.did
    (archive,) = origin["archives"]
    for row in (*origin["media"], *origin["specimens"]):
        assert row["sourceRow"].startswith(f"line:zip:{archive}!/")
        line = vasculum("--node", tracked.layout.root, "cat", row["sourceRow"])
        with zipfile.ZipFile(tracked.store.path(Digest.parse(archive))) as file:
            _, name, number = row["sourceRow"].split("!/")
            expected = file.read(name).splitlines(keepends=True)[int(number[1:]) - 1]
        assert line.out.encode() == expected
    assert origin["specimens"][0]["catalogNumber"] == changes().rephotographed[0]
    assert said.summary["logSize"] == tracked.reader.head().size


def test_every_value_of_a_published_line_is_in_the_row_that_names_the_line(tracked: Node) -> None:
    """Under its column or in `verbatim`, as published; and the row's own address leads to all of it."""
    with tracked.index() as index:
        rows = [row for table in ("specimen", "media") for row in index.rows(f"SELECT * FROM {table}")]
    published: dict[str, list[list[str]]] = {}
    for row in rows:
        file, _, line = row["sourceRow"].rpartition("!/L")
        if file not in published:
            archive, _, name = file.removeprefix("line:zip:").partition("!/")
            with zipfile.ZipFile(tracked.store.path(Digest.parse(archive))) as packed:
                text = packed.read(name).decode()
            published[file] = [cells.split("\t") for cells in text.splitlines()]
        told = {value for value in row.values() if isinstance(value, str)}
        told |= set(json.loads(row["verbatim"] or "{}").values())
        assert set(published[file][int(line) - 1]) - {""} <= told
    assert len(rows) > 50


@pytest.mark.parametrize("form", ["jsonld", "nquads", "turtle"])
def test_the_graph_behind_a_thing_verifies_in_any_form(
    tracked: Node, image: Digest, vasculum: Vasculum, form: str
) -> None:
    from provenance.graph import verify_graph

    said = vasculum("--node", tracked.layout.root, "history", image.hex, "--graph", form)
    assert (said.code, said.err) == (0, "")
    assert verify_graph(said.out, form)  # type: ignore[arg-type]
    assert image.uri in said.out


def test_cat_gives_a_row_as_it_stands_in_the_proof(tracked: Node, vasculum: Vasculum) -> None:
    for leaf in map(decode_leaf, tracked.reader.leaves()):
        if isinstance(leaf, SegmentLeaf):
            for row in {1, leaf.rows}:
                said = vasculum("--node", tracked.layout.root, "cat", f"{leaf.segment}#row={row}")
                assert said.code == 0, said.err
                proof = prove_row(tracked.store.path(leaf.segment), TABLES[leaf.table], row - 1)
                assert said.out.encode() == proof.row


def _damage(node: Node, digest: Digest) -> None:
    path = node.store.path(digest)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def test_cat_of_bytes_that_have_changed_says_so_and_ends_with_1(
    tracked_copy: Node, image: Digest, vasculum: Vasculum
) -> None:
    with tracked_copy.index() as index:
        address = index.rows("SELECT sourceRow FROM specimen ORDER BY log_index, row")[0]["sourceRow"]
        archive = index.rows("SELECT digest FROM capture WHERE role = 'archive' ORDER BY log_index")[0][
            "digest"
        ]
    for digest, name in ((image, image.hex), (Digest(archive), address)):
        assert vasculum("--node", tracked_copy.layout.root, "cat", name).code == 0
        _damage(tracked_copy, digest)
        said = vasculum("--node", tracked_copy.layout.root, "cat", name)
        assert said.code == 1
        assert digest.hex in said.err
        assert not name.startswith("line:") or said.out == ""


def test_bytes_that_are_known_but_not_here_are_said_to_be_so(
    tracked_copy: Node, image: Digest, vasculum: Vasculum
) -> None:
    tracked_copy.store.path(image).unlink()
    said = vasculum("--node", tracked_copy.layout.root, "cat", image.hex)
    assert (said.code, said.out) == (1, "")
    assert "does not hold its bytes" in said.err
    assert vasculum("--node", tracked_copy.layout.root, "--json", "show", image.hex).summary["here"] is False


@pytest.mark.parametrize("what", ["images", "files", "archives", "failures", "sources", "crawls", "log"])
def test_every_listing_lists(tracked: Node, vasculum: Vasculum, what: str) -> None:
    said = vasculum("--node", tracked.layout.root, "--json", "ls", what)
    assert said.code == 0
    assert said.summary == {"type": "summary", "listed": len(said.items) - 1}
    assert bool(said.of(what)) == (what != "files")
    some = vasculum("--node", tracked.layout.root, "ls", what, "--limit", "1")
    assert len(some.out.splitlines()) <= 1


def test_verify_names_what_is_bad_missing_and_foreign(
    tracked_copy: Node, image: Digest, vasculum: Vasculum
) -> None:
    root = tracked_copy.layout.root
    with tracked_copy.index() as index:
        query = "SELECT digest FROM capture WHERE role = 'image' AND digest <> ? ORDER BY url"
        missing = Digest(index.rows(query, [image.raw])[0]["digest"])
    _damage(tracked_copy, image)
    tracked_copy.store.path(missing).unlink()
    (tracked_copy.layout.blobs / "notes.txt").write_text("mine")
    said = vasculum("--json", "--node", root, "verify")
    assert said.code == 4
    assert {(fault["kind"], fault["digest"]) for fault in said.of("fault")} == {
        ("bad", image.uri), ("missing", missing.uri), ("foreign", None),
    }  # fmt: skip
    assert all(fault["path"].startswith("blobs/") for fault in said.of("fault"))
    assert said.summary["faults"] == 3
    words = vasculum("--node", root, "verify")
    assert words.code == 4
    for kind in ("BAD", "MISSING", "FOREIGN"):
        assert kind in words.out
