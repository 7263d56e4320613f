"""What is taken back is hidden at once, its digest stays in the log, and earlier citations still verify."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.errors import Withdrawn
from node.index import index_digest
from node.index.rebuild import rebuild_index
from node.layout import Layout
from node.look.access import require
from node.look.resolve import resolve
from node.museum import Museum
from node.policy import Principal, decide
from provenance.log.leaf import SegmentLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_PERSON = "Anna Kollekta"


def _table(path: Path, museum: Museum, remark: str = "") -> Path:
    path.write_text(
        "occurrenceID,catalogNumber,scientificName,recordedBy,occurrenceRemarks,associatedMedia\n"
        f"a,1,Vicia cracca,{_PERSON},{remark},{museum.image_url('MDS00010401')}\n"
        f"b,2,Vicia sepium,Somebody,,{museum.image_url('MDS00010402')}\n"
        f"c,3,Vicia sativa,Somebody,,{museum.image_url('MDS00010403')}\n"
    )
    return path


def _track(vasculum: Vasculum, node: Node, path: Path) -> None:
    assert vasculum("--node", node.layout.root, "track", path, "--allow-private").code == 0


def _rows(node: Node, query: str) -> list[dict[str, Any]]:
    with node.index() as index:
        return index.rows(query)


def _uri(node: Node, table: str, where: str) -> str:
    query = (
        f"SELECT leaf.segment, t.row FROM {table} t JOIN leaf USING (log, log_index) WHERE {where} "
        "ORDER BY t.log_index LIMIT 1"
    )
    [found] = _rows(node, query)
    return f"{Digest(found['segment']).uri}#row={found['row']}"


def _public_bytes(node: Node) -> str:
    """Every public segment that is still served, as text."""
    served = {
        Digest(row["segment"])
        for row in _rows(node, "SELECT segment FROM leaf WHERE access = 'public'")
        if row["segment"]
    }
    return "\n".join(str(pq.read_table(node.store.path(digest)).to_pylist()) for digest in sorted(served))


@pytest.fixture(scope="module")
def open_museum(drawings_directory: Path) -> Iterator[Museum]:
    """One museum for all tests here, so that its addresses stay the same."""
    with Museum(drawings_directory) as opened:
        yield opened


@pytest.fixture(scope="module")
def published_once(open_museum: Museum, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table of three records, and a node that tracked two versions of it."""
    folder = tmp_path_factory.mktemp("published")
    create_node(Layout(folder / "node"), "Test Herbarium", "herbarium.test/log")
    for remark in ("", "seen again"):
        table = _table(folder / "t.csv", open_museum, remark)
        assert run(["--node", str(folder / "node"), "--quiet", "track", str(table), "--allow-private"]) == 0
    return folder


@pytest.fixture
def published(published_once: Path, tmp_path: Path) -> Node:
    shutil.copytree(published_once / "node", tmp_path / "node")
    return open_node(Layout(tmp_path / "node"))


def _withdraw(vasculum: Vasculum, node: Node, what: str, *more: str) -> Any:
    return vasculum(
        "--node", node.layout.root, "--json", "withdraw", what, "--reason", "personal-data", *more
    )


def test_an_image_that_is_withdrawn_answers_410_and_its_citation_still_verifies(
    published: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    [row] = _rows(published, "SELECT DISTINCT digest FROM capture WHERE url LIKE '%MDS00010401%'")
    digest, bundle = Digest(row["digest"]), tmp_path / "c.json"
    root = published.layout.root
    assert vasculum("--node", root, "cite", digest.hex, "--format", "bundle", "--output", bundle).code == 0
    said = _withdraw(vasculum, published, digest.hex, "--text", "the photographer asked")
    assert (said.code, said.summary["rows"]) == (0, 2), said.err
    with published.index() as index, pytest.raises(Withdrawn):
        require(index, resolve(published, index, digest.hex), Principal.PUBLIC)
    assert decide(Principal.PUBLIC, AccessClass.WITHDRAWN).status == 410
    shown = vasculum("--node", root, "--json", "show", digest.hex).summary
    assert shown["access"] == "withdrawn"
    assert shown["withdrawn"]["reason"] == "personal-data"
    refused = vasculum("--node", root, "cite", digest.hex)
    assert refused.code == 1
    assert "the photographer asked" in refused.err
    verdict = vasculum("--node", root, "--json", "verify-citation", bundle)
    assert verdict.code == 3
    assert verdict.summary["withdrawn"]["reason"] == "personal-data"
    elsewhere = vasculum("--node", tmp_path / "none", "--json", "verify-citation", bundle)
    assert (elsewhere.code, elsewhere.summary["withdrawn"]) == (3, None)
    assert digest.hex not in _public_bytes(published)
    assert vasculum("--node", root, "verify", "--deep").code == 0


def test_a_record_goes_with_all_its_versions_and_the_others_stay(published: Node, vasculum: Vasculum) -> None:
    assert _PERSON in _public_bytes(published)
    before = _rows(published, "SELECT id FROM specimen WHERE access = 'public' AND current ORDER BY id")
    assert [row["id"] for row in before] == ["a", "b", "c"]
    said = _withdraw(vasculum, published, _uri(published, "specimen", "t.id = 'a'"))
    assert (said.code, said.summary["rows"]) == (0, 2)
    assert len(said.summary["stillIn"]) == 2, "both versions of the table that was read"
    assert _PERSON not in _public_bytes(published)
    after = _rows(published, "SELECT id FROM specimen WHERE access = 'public' AND current ORDER BY id")
    assert [row["id"] for row in after] == ["b", "c"]
    kept = _uri(published, "specimen", "t.id = 'b'")
    assert vasculum("--node", published.layout.root, "cite", kept, "--format", "bundle").code == 0


def test_what_was_withdrawn_is_not_published_again_by_the_next_crawl(
    published: Node, published_once: Path, open_museum: Museum, vasculum: Vasculum
) -> None:
    _withdraw(vasculum, published, _uri(published, "specimen", "t.id = 'a'"))
    _withdraw(vasculum, published, _uri(published, "media", "t.id = 'a'"))
    [row] = _rows(published, "SELECT DISTINCT digest FROM capture WHERE url LIKE '%MDS00010401%'")
    _withdraw(vasculum, published, Digest(row["digest"]).hex)
    _track(vasculum, published, _table(published_once / "t.csv", open_museum, "seen a third time"))
    assert _rows(published, "SELECT 1 FROM specimen WHERE id = 'a' AND access = 'public'") == []
    assert _PERSON not in _public_bytes(published)
    assert Digest(row["digest"]).hex not in _public_bytes(published)


def test_a_second_withdrawal_from_one_segment_replaces_the_first_replacement(
    published: Node, vasculum: Vasculum
) -> None:
    _withdraw(vasculum, published, _uri(published, "specimen", "t.id = 'a'"))
    _withdraw(vasculum, published, _uri(published, "specimen", "t.id = 'b'"))
    served = _public_bytes(published)
    assert "Vicia sepium" not in served
    assert "Vicia sativa" in served
    assert vasculum("--node", published.layout.root, "verify", "--deep").code == 0


def test_deleted_bytes_are_gone_and_nobody_misses_them(published: Node, vasculum: Vasculum) -> None:
    [row] = _rows(published, "SELECT DISTINCT digest FROM capture WHERE url LIKE '%MDS00010401%'")
    digest = Digest(row["digest"])
    first = _uri(published, "specimen", "t.id = 'a'")
    said = _withdraw(vasculum, published, digest.hex, "--delete")
    assert (said.code, said.summary["deleted"] >= 1) == (0, True), said.err
    assert _withdraw(vasculum, published, first, "--delete").code == 0
    assert not published.store.contains(digest)
    everything = "".join(
        path.read_bytes().decode("latin-1") for path in published.layout.blobs.rglob("*") if path.is_file()
    )
    assert _PERSON not in everything or _is_archive_alone(published)
    root = published.layout.root
    assert vasculum("--node", root, "verify", "--deep").code == 0
    shown = vasculum("--node", root, "--json", "show", digest.hex).summary
    assert (shown["access"], shown["here"]) == ("withdrawn", False)
    assert vasculum("--node", root, "--json", "show", first).summary["access"] == "withdrawn"
    with published.index() as index:
        digest_before = index_digest(index)
    assert rebuild_index(published)[0] == digest_before


def _is_archive_alone(node: Node) -> bool:
    """Only the table that was read still holds the name: a blob of its own, to be withdrawn by itself."""
    leaves = (decode_leaf(raw) for raw in node.reader.leaves())
    segments = [leaf.segment for leaf in leaves if isinstance(leaf, SegmentLeaf)]
    here = [digest for digest in segments if node.store.contains(digest)]
    return all(_PERSON not in str(pq.read_table(node.store.path(digest)).to_pylist()) for digest in here)


def test_an_index_made_anew_hides_the_same(published: Node, vasculum: Vasculum) -> None:
    _withdraw(vasculum, published, _uri(published, "specimen", "t.id = 'a'"))
    with published.index() as index:
        before = index_digest(index)
    assert rebuild_index(published)[0] == before
    assert _rows(published, "SELECT DISTINCT access FROM specimen WHERE id = 'a'") == [
        {"access": "withdrawn"}
    ]


def test_what_this_node_did_not_publish_it_cannot_take_back(
    fresh: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    fresh.store.commit([])
    with fresh.store.stage() as staging:
        staging.write(b"somebody else's")
        sealed = staging.seal()
    fresh.store.commit([sealed])
    said = _withdraw(vasculum, fresh, sealed.digest.hex)
    assert said.code == 1
    assert "did not publish" in said.err
    assert _withdraw(vasculum, fresh, sealed.digest.hex, "--of-others").code == 0
    [listed] = vasculum("--node", fresh.layout.root, "--json", "withdrawals", "ls").of("withdrawal")
    assert listed["effect"] == "none"


def test_a_withdrawal_is_withdrawn_once(published: Node, vasculum: Vasculum) -> None:
    uri = _uri(published, "specimen", "t.id = 'a'")
    assert _withdraw(vasculum, published, uri).code == 0
    said = _withdraw(vasculum, published, uri)
    assert (said.code, "withdrawn already" in said.err) == (1, True)


def test_the_settings_name_authorities_by_their_keys(fresh: Node, vasculum: Vasculum) -> None:
    text = fresh.layout.config.read_text()
    fresh.layout.config.write_text(text + '\n[withdrawal]\nauthorities = ["did:key:nobody"]\n')
    assert vasculum("--node", fresh.layout.root, "config", "check").code == 1
    fresh.layout.config.write_text(f'{text}\n[withdrawal]\nauthorities = ["{fresh.identity_public.did}"]\n')
    assert open_node(fresh.layout).config.withdrawal.authorities == (fresh.identity_public.did,)
