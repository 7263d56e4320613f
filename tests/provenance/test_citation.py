from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from provenance.citation import (
    Outcome,
    TrustedKeys,
    cite_blob,
    cite_crawl,
    cite_row,
    cite_snapshot,
    decode_bundle,
    encode_bundle,
    verify_bundle,
)
from provenance.errors import BundleError, KeyMaterialError
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import StatementLeaf
from provenance.log.log import Log
from provenance.statement import issue
from provenance.statement.kinds import LogDescription

NOBODY = TrustedKeys()
ORIGIN = "museum.example/log"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
Bundles = Mapping[str, bytes]


@pytest.fixture(scope="module")
def bundles(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    """One bundle of each kind."""
    log = world.log(tmp_path_factory.mktemp("citation"))
    row = world.row_proof(6)
    return {
        "row": cite_row(log, world.description, 2, row, "Row 7 of the captures."),
        "blob": cite_blob(log, world.description, 2, row, Digest.of(b"6").uri, "Sheet 7 — a fern."),
        "crawl": cite_crawl(log, world.description, 1, world.crawl, "The crawl of 23 November 2026."),
        "snapshot": cite_snapshot(log, world.description, "Everything."),
    }


KINDS = ["row", "blob", "crawl", "snapshot"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_is_small_and_verifies_with_either_key_of_its_maker(
    world: Any, bundles: Bundles, kind: str
) -> None:
    data = bundles[kind]
    assert len(data) < 8_000
    for key in (world.identity.public.did, world.signer.public.did, world.signer.public.vkey(ORIGIN)):
        verdict = verify_bundle(data, TrustedKeys.parse([SigningKey(bytes(32)).public.did, key]))
        assert (verdict.outcome, verdict.broken, verdict.reason) == (Outcome.VERIFIED, None, key)
        assert (verdict.institution, verdict.origin) == ("Museum of Examples", ORIGIN)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_proves_nothing_by_itself(world: Any, bundles: Bundles, kind: str) -> None:
    others = TrustedKeys.parse([SigningKey(bytes(32)).public.did, world.signer.public.vkey("other.example")])
    for trust in (NOBODY, others):
        assert verify_bundle(bundles[kind], trust).outcome is Outcome.UNKNOWN_SIGNER


def test_a_verdict_gives_what_the_log_attests(world: Any, bundles: Bundles) -> None:
    verdict = verify_bundle(bundles["row"], NOBODY)
    assert verdict.facts["url"] == "https://museum.example/6.jpg"
    assert (verdict.leaf_index, verdict.attested) == (2, world.rows[6])
    assert verify_bundle(bundles["crawl"], NOBODY).facts["id"] == world.crawl.iri
    assert verify_bundle(bundles["snapshot"], NOBODY).facts == {}


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_every_flipped_byte_of_a_bundle_is_noticed(bundles: Bundles, data: st.DataObject) -> None:
    whole = bundles[data.draw(st.sampled_from(KINDS))]
    place, flip = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    verdict = verify_bundle(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :], NOBODY)
    assert (verdict.outcome, verdict.broken) == (Outcome.FAILED, "form")
    assert verdict.reason


def resealed(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A bundle changed by one who also writes a fitting checksum."""
    document = json.loads(data)
    del document["checksum"]
    change(document)
    return canonical_json({**document, "checksum": Digest.of(canonical_json(document)).uri}) + b"\n"


def _set(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to(document[path[-1]]) if callable(to) else to

    return change


def _drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.pop(name)


def _flip(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


@pytest.mark.parametrize(
    ("kind", "change", "broken"),
    [
        ("row", _set("row", "content", "url", to="https://forger.example/"), "row"),
        ("row", _set("row", "index", to=7), "row"),
        ("row", _set("row", "path", 0, to=_flip), "row"),
        ("row", _set("row", "path", to=[]), "row"),
        ("row", _set("leaf", "content", "rowsRoot", to=Digest.of(b"").uri), "leaf"),
        ("row", _set("leaf", "content", "extra", to=1), "leaf"),
        ("row", _set("leaf", "path", 0, to=_flip), "leaf"),
        ("row", _set("leaf", "index", to=3), "leaf"),
        ("row", _drop("leaf"), "leaf"),
        ("row", _drop("row"), "row"),
        ("row", _set("cited", "identifier", to=lambda old: old.replace("#row=7", "#row=8")), "cited"),
        ("row", _set("cited", "kind", to="crawl"), "statement"),
        ("row", _set("cited", "kind", to="snapshot"), "cited"),
        ("row", _set("cited", "kind", to="blob"), "cited"),
        ("row", _set("cited", "kind", to="opinion"), "form"),
        ("blob", _set("cited", "identifier", to=Digest.of(b"7").uri), "cited"),
        ("row", _set("checkpoint", to=lambda old: old.replace("\n263\n", "\n264\n")), "checkpoint"),
        ("row", _set("checkpoint", to="nonsense"), "checkpoint"),
        ("row", _set("keys", "path", 0, to=_flip), "key history"),
        ("row", _set("keys", "index", to=1), "key history"),
        ("row", _set("keys", "content", "wasAttributedTo", "name", to="Forger"), "keys"),
        ("row", _set("keys", "content", "type", to="Crawl"), "keys"),
        ("crawl", _set("statement", "endedAtTime", to="2020-01-01T00:00:00+00:00"), "leaf"),
        ("crawl", _set("statement", "id", to="x"), "statement"),
        ("crawl", _drop("statement"), "statement"),
        ("crawl", _set("cited", "identifier", to=Digest.of(b"").uri), "cited"),
        ("snapshot", _set("cited", "identifier", to=Digest.of(b"").uri), "cited"),
        ("row", _set("format", to="vasculum-citation-bundle/2"), "form"),
        ("row", _set("cited", "text", to=7), "form"),
        ("row", _set("leaf", "index", to=-1), "form"),
        ("row", _set("leaf", "path", to="x"), "form"),
        ("row", _set("leaf", "path", 0, to=str.upper), "form"),
        ("row", _set("leaf", "path", 0, to="zz"), "form"),
        ("row", _set("leaf", "content", to="x"), "form"),
        ("row", _drop("keys"), "form"),
    ],
)
def test_a_forged_bundle_is_refused_at_the_first_broken_link(
    world: Any, bundles: Bundles, kind: str, change: Callable[[Any], None], broken: str
) -> None:
    verdict = verify_bundle(resealed(bundles[kind], change), TrustedKeys.parse([world.identity.public.did]))
    assert (verdict.outcome, verdict.broken) == (Outcome.FAILED, broken), verdict.reason


@pytest.mark.parametrize(
    "change", [lambda data: data + b"\n", lambda data: data[:-1], lambda data: b" " + data, lambda data: b"",
               lambda data: b"[]\n", lambda data: json.dumps(json.loads(data), indent=1).encode(),
               lambda data: data[:-2] + b',"zebra":1}\n', lambda data: data + b"x" * (5 << 20)]
)  # fmt: skip
def test_a_bundle_has_one_written_form(bundles: Bundles, change: Callable[[bytes], bytes]) -> None:
    verdict = verify_bundle(change(bundles["row"]), NOBODY)
    assert (verdict.outcome, verdict.broken) == (Outcome.FAILED, "form")


def test_an_unknown_member_is_refused_even_with_a_fitting_checksum(bundles: Bundles) -> None:
    data = resealed(bundles["row"], lambda document: document.update(zebra=1))
    assert "unknown member 'zebra'" in verify_bundle(data, NOBODY).reason


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_reads_back(bundles: Bundles, kind: str) -> None:
    assert encode_bundle(decode_bundle(bundles[kind])) == bundles[kind]


def test_one_who_describes_anothers_log_as_his_own_is_refused(world: Any, bundles: Bundles) -> None:
    """The log's key is public, so anyone can sign a description of it; only the log's first leaf counts."""
    forger = SigningKey(b"f" * 32)
    made = LogDescription(
        "urn:uuid:11111111-1111-4111-8111-111111111111",
        VerifierKey(ORIGIN, world.signer.public),
        forger.public,
        "Forger",
        NOW,
    )
    forged = issue(made.document(), forger, NOW).document
    data = resealed(bundles["row"], _set("keys", "content", to=forged))
    verdict = verify_bundle(data, TrustedKeys.parse([forger.public.did]))
    assert (verdict.outcome, verdict.broken) == (Outcome.FAILED, "key history")


def test_parts_that_do_not_prove_what_is_cited_make_no_bundle(world: Any, tmp_path: Path) -> None:
    log = world.log(tmp_path)
    with pytest.raises(BundleError, match="names no segment"):
        cite_row(log, world.description, 1, world.row_proof(6), "x")
    with pytest.raises(BundleError, match="do not prove"):
        cite_blob(log, world.description, 2, world.row_proof(6), Digest.of(b"other").uri, "x")
    with pytest.raises(BundleError, match="do not prove"):
        cite_snapshot(log, world.crawl, "x")
    empty = Log(tmp_path / "empty", ORIGIN, world.signer)
    with pytest.raises(BundleError, match="no checkpoint"):
        cite_snapshot(empty, world.description, "x")


def test_a_checkpoint_with_a_witness_line_still_verifies(world: Any, bundles: Bundles) -> None:
    line = "— witness.example YWJjZGVlZWVlZWU=\n"
    data = resealed(bundles["row"], _set("checkpoint", to=lambda old: old + line))
    assert verify_bundle(data, NOBODY).outcome is Outcome.UNKNOWN_SIGNER


def test_checking_a_citation_loads_no_rdf_and_no_tables(bundles: Bundles, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(bundles["blob"])
    script = (
        "import sys; from provenance.citation import TrustedKeys, verify_bundle\n"
        "print(verify_bundle(open(sys.argv[1], 'rb').read(), TrustedKeys()).outcome)\n"
        "print(*{'pyld', 'rdflib', 'pyoxigraph', 'pyarrow', 'duckdb', 'multiformats'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "intact, signer unknown\n\n"


def test_a_policy_file_is_a_list_of_keys(world: Any, bundles: Bundles, tmp_path: Path) -> None:
    did = world.identity.public.did
    for name, text in [
        ("a.toml", f'keys = ["{did}"]'),
        ("b.json", json.dumps({"keys": [did]})),
        ("c.json", json.dumps([did])),
        ("d", json.dumps([did])),
    ]:
        path = tmp_path / name
        path.write_text(text)
        assert verify_bundle(bundles["row"], TrustedKeys.load(str(path))).outcome is Outcome.VERIFIED
    assert TrustedKeys.load(did) == TrustedKeys.parse([did])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "keys = ["),
        ("a.json", "{}"),
        ("a.json", "[]"),
        ("a.json", "[7]"),
        ("a.json", '{"keys": ["x"], "quorum": 2}'),
        ("a.json", '["did:web:museum.example"]'),
    ],
)
def test_a_policy_that_is_not_understood_trusts_nobody(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(KeyMaterialError):
        TrustedKeys.load(str(path))


def test_a_policy_file_that_is_missing_is_told(tmp_path: Path) -> None:
    for name in ("none.toml", "nonsense", "m.example+" * 60):
        with pytest.raises(KeyMaterialError):
            TrustedKeys.load(str(tmp_path / name))


def test_a_statement_leaf_commits_to_no_row(world: Any, bundles: Bundles) -> None:
    leaf = json.loads(StatementLeaf(world.crawl.digest).encode())
    crawl = json.loads(bundles["crawl"])
    data = resealed(bundles["row"], _set("leaf", to={**crawl["leaf"], "content": leaf}))
    verdict = verify_bundle(data, NOBODY)
    assert (verdict.outcome, verdict.broken) == (Outcome.FAILED, "leaf")
