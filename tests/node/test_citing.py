from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rispy
from pybtex.database import parse_string

from hashstore.digest import Digest
from node.compose import Node
from node.museum import Museum
from provenance.keys import SigningKey
from provenance.log.leaf import SegmentLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.fixture(scope="module")
def things(tracked: Node) -> dict[str, str]:
    """One of each thing that can be cited."""
    with tracked.index() as index:
        image = index.rows("SELECT digest FROM capture WHERE role = 'image' AND digest IS NOT NULL LIMIT 1")
        archive = index.rows("SELECT digest FROM capture WHERE role = 'archive' LIMIT 1")
        crawl = index.rows("SELECT iri FROM statement WHERE kind = 'Crawl' LIMIT 1")
    rows = {
        leaf.table: f"{leaf.segment}#row=1"
        for leaf in map(decode_leaf, tracked.reader.leaves())
        if isinstance(leaf, SegmentLeaf)
    }
    return {
        "image": Digest(image[0]["digest"]).uri,
        "archive": Digest(archive[0]["digest"]).uri,
        "crawl": crawl[0]["iri"],
        "snapshot": "snapshot",
        **rows,
    }


_THINGS = ("image", "archive", "crawl", "snapshot", "specimen", "media", "capture")


def _identifier(text: str) -> str:
    found = re.search(r"hash://sha256/[0-9a-f]{64}(#row=\d+)?", text)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("what", _THINGS)
def test_every_format_parses_and_names_the_thing(
    tracked: Node, things: dict[str, str], vasculum: Vasculum, what: str
) -> None:
    def cite(form: str) -> str:
        said = vasculum("--node", tracked.layout.root, "cite", things[what], "--format", form)
        assert (said.code, said.err) == (0, "")
        return said.out

    identifier = _identifier(cite("text"))
    if things[what].startswith("hash://"):
        assert identifier == things[what]
    (entry,) = parse_string(cite("bibtex"), "bibtex").entries.values()
    assert entry.fields["title"]
    assert identifier in " ".join(entry.fields.values()).replace("\\#", "#")
    (reference,) = rispy.loads(cite("ris"))
    assert identifier in str(reference)
    (csl,) = found if isinstance(found := json.loads(cite("csl")), list) else [found]
    assert csl["title"]
    assert identifier in json.dumps(csl)
    assert identifier in json.dumps(json.loads(cite("datacite")))


@pytest.mark.parametrize("what", _THINGS)
def test_a_bundle_is_small_and_is_checked_without_node_or_network(
    tracked: Node, things: dict[str, str], vasculum: Vasculum, tmp_path: Path, what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file = tmp_path / "citation.json"
    said = vasculum(
        "--json", "--node", tracked.layout.root, "cite", things[what], "--format", "bundle", "--output", file
    )
    assert said.code == 0
    assert said.summary["bytes"] == file.stat().st_size < 16_000
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VASCULUM_NODE", raising=False)

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_network)
    unknown = vasculum("--json", "verify-citation", file)
    assert (unknown.code, unknown.summary["outcome"]) == (3, "intact, signer unknown")
    for trust in (tracked.identity_public.did, str(tracked.log_key), tracked.log_key.key.did):
        known = vasculum("--json", "verify-citation", file, "--trust", trust)
        assert (known.code, known.summary["outcome"]) == (0, "verified"), trust
    stranger = vasculum("verify-citation", file, "--trust", SigningKey.generate().public.did)
    assert stranger.code == 3


@pytest.fixture
def bundle(tracked: Node, things: dict[str, str], vasculum: Vasculum, tmp_path: Path) -> Path:
    """A bundle of an image."""
    file = tmp_path / "bundle.json"
    said = vasculum(
        "--node", tracked.layout.root, "cite", things["image"], "--format", "bundle", "--output", file
    )
    assert said.code == 0
    return file


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("keys.json", '{"keys": ["KEY"]}', 0),
        ("keys.json", '["KEY"]', 0),
        ("keys.toml", 'keys = ["KEY"]', 0),
        ("keys.txt", '{"keys": ["KEY"]}', 0),
        ("keys.json", '{"keys": []}', 1),
        ("keys.json", '{"keys": ["KEY"], "not": ["KEY"]}', 1),
        ("keys.json", "nonsense", 1),
        ("keys.json", '{"keys": ["nonsense"]}', 1),
        ("keys.toml", "keys = ", 1),
    ],
)
def test_a_policy_file_says_whom_to_trust(
    tracked: Node, bundle: Path, vasculum: Vasculum, tmp_path: Path, name: str, text: str, code: int
) -> None:
    policy = tmp_path / name
    policy.write_text(text.replace("KEY", tracked.identity_public.did))
    said = vasculum("verify-citation", bundle, "--trust", policy)
    assert said.code == code
    assert (said.out == "") == (code == 1)


@pytest.mark.parametrize(
    "trust", ["nonsense", "did:key:zNonsense", "a.test+00000000+AAAA", "/no/such/policy.json"]
)
def test_a_key_that_is_none_is_an_error_and_no_verdict(bundle: Path, vasculum: Vasculum, trust: str) -> None:
    said = vasculum("verify-citation", bundle, "--trust", trust)
    assert (said.code, said.out) == (1, "")


def _strings(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [place for key, part in value.items() for place in _strings(part, (*path, key))]
    if isinstance(value, list):
        return [place for key, part in enumerate(value) for place in _strings(part, (*path, key))]
    return [path]


def test_a_change_of_any_part_of_a_bundle_is_found(tracked: Node, bundle: Path, vasculum: Vasculum) -> None:
    original = json.loads(bundle.read_text())
    places = _strings(original)
    assert len(places) > 5
    for place in places:
        tampered = json.loads(bundle.read_text())
        part = tampered
        for key in place[:-1]:
            part = part[key]
        value = part[place[-1]]
        if isinstance(value, bool) or value is None:
            continue
        part[place[-1]] = (
            value + 1 if isinstance(value, int) else ("X" if value[:1] != "X" else "Y") + value[1:]
        )
        file = bundle.with_name("tampered.json")
        file.write_text(json.dumps(tampered))
        said = vasculum("--json", "verify-citation", file, "--trust", tracked.identity_public.did)
        assert said.code == 4, place
        assert said.summary["outcome"] == "failed"
        assert said.summary["broken"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"nonsense", b"\xff\xfe", b'{"a":' * 3000])
def test_what_is_no_bundle_fails_in_words(tmp_path: Path, vasculum: Vasculum, data: bytes) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(data)
    said = vasculum("verify-citation", file)
    assert said.code == 4
    assert "FAILED" in said.out


def test_a_segment_is_cited_by_its_rows_or_its_crawl(
    tracked: Node, things: dict[str, str], vasculum: Vasculum
) -> None:
    said = vasculum("--node", tracked.layout.root, "cite", things["media"].partition("#")[0])
    assert (said.code, said.out) == (1, "")
    assert "row by row" in said.err


def test_a_cited_snapshot_stays_known_when_the_log_has_grown(
    fresh: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    root = fresh.layout.root
    cited = _identifier(vasculum("--node", root, "cite").out)
    (tmp_path / "a.txt").write_text("a")
    assert vasculum("--node", root, "add", tmp_path / "a.txt").code == 0
    said = vasculum("--node", root, "cat", cited)
    assert said.code == 0
    assert said.out.startswith("herbarium.test/log\n1\n")
    assert vasculum("--node", root, "verify", "--deep").code == 0


def test_an_output_file_that_cannot_be_written_is_named(
    tracked: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    said = vasculum("--node", tracked.layout.root, "cite", "--output", tmp_path / "no" / "where.txt")
    assert (said.code, said.out) == (1, "")
    assert "where.txt" in said.err


def test_an_image_of_the_house_is_cited_by_its_name_and_house_and_not_by_a_path(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    image = tmp_path / "drawer 7" / "beetle é.jpg"
    image.parent.mkdir()
    image.write_bytes(museum.resources["/media/MDS00010401.jpg"].body)
    assert vasculum("--node", fresh.layout.root, "track", image.parent).code == 0
    digest = Digest.of(image.read_bytes()).hex
    said = vasculum("--node", fresh.layout.root, "cite", digest)
    assert "beetle é.jpg [image]. Test Herbarium." in said.out
    assert "file:" not in said.out
