"""Requests, answers and their checks; and pieces of large blobs, from the crawl to the auditor."""

from __future__ import annotations

import base64
import io
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.blobstore import MemoryBlobStore, add_bytes
from hashstore.digest import Digest
from hashstore.pieces import LARGEST_UNPIECED, PIECE, Pieces, pieces_root
from node.compose import Node
from node.errors import NotFound, PeerError
from node.slices.audit import Auditor, audit, claims_to_audit, count_outcomes
from node.slices.auditing import (
    MOST_PIECES,
    AuditRequest,
    MalformedAudit,
    answer_audit,
    check_answer,
    check_hashes,
    decode_answer,
    decode_request,
)
from node.slices.bringing import from_store
from node.slices.claims import trusted_claims
from node.slices.create import composed, create_slice
from node.slices.pieces import pieces_of
from node.slices.replicate import add_mirror, run_mirror
from node.slices.store import Mode
from provenance.statement.kinds.audit_report import Verdict

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

SMALL = b"a" * 3000
LARGE = random.Random(1).randbytes(PIECE) * 17 + b"end"


@pytest.fixture(scope="module")
def store() -> MemoryBlobStore:
    found = MemoryBlobStore()
    for data in (SMALL, LARGE):
        add_bytes(found, data)
    return found


@given(st.binary(min_size=1, max_size=3).map(Digest.of), st.sets(st.integers(0, 2**40), max_size=MOST_PIECES))
def test_a_request_reads_back(digest: Digest, pieces: set[int]) -> None:
    request = AuditRequest(digest, tuple(sorted(pieces)))
    assert decode_request(request.encode()) == request


def test_what_is_no_request_is_refused(project_root: Path) -> None:
    vectors = json.loads((project_root / "spec" / "vectors" / "pieces.json").read_text())
    for text in [*vectors["refusedRequests"], "x" * 5000]:
        with pytest.raises(MalformedAudit):
            decode_request(text.encode())


@given(st.binary(max_size=60) | st.sampled_from([b"{}", b'{"size":-1}', b'{"size":1,"pieces":[{}]}', b"[]",
    b'{"size":1,"pieces":[{"index":0,"data":"!","path":[]}]}', b'{"size":true}', b'{"size":1,"hashes":7}',
    b'{"size":1,"pieces":{"a":1}}', b'{"size":1,"pieces":[{"index":[],"data":"","path":[]}]}',
    b'{"size":1,"pieces":[{"index":0,"data":"","path":["zz"]}]}']))  # fmt: skip
def test_noise_is_no_answer(data: bytes) -> None:
    with pytest.raises(MalformedAudit):
        decode_answer(data)


def _answered(store: MemoryBlobStore, request: AuditRequest) -> Any:
    data = answer_audit(store, request)
    assert data is not None
    return decode_answer(data)


def test_pieces_are_checked_by_a_root_that_was_known(store: MemoryBlobStore) -> None:
    known = pieces_root(io.BytesIO(LARGE))
    request = AuditRequest(Digest.of(LARGE), (0, 16, 17))
    answer = _answered(store, request)
    assert answer.size == len(LARGE)
    assert check_answer(request, answer, known)
    assert not check_answer(request, answer, Pieces(known.size, Digest.of(b"")))
    assert not check_answer(request, answer, Pieces(known.size - 1, known.root))
    assert not check_answer(replace(request, pieces=(1,)), answer, known)
    swapped = replace(answer, pieces={**answer.pieces, 0: answer.pieces[17]})
    assert not check_answer(request, swapped, known)


def test_small_blobs_are_checked_whole_by_their_digest(store: MemoryBlobStore) -> None:
    request = AuditRequest(Digest.of(SMALL), (0,))
    answer = _answered(store, request)
    assert check_answer(request, answer, None)
    assert not check_answer(replace(request, digest=Digest.of(b"x")), answer, None)
    assert not check_answer(request, replace(answer, size=PIECE + 1), None)


def test_the_hashes_of_all_pieces_lead_to_the_root(store: MemoryBlobStore) -> None:
    known = pieces_root(io.BytesIO(LARGE))
    answer = _answered(store, AuditRequest(Digest.of(LARGE), ()))
    assert len(answer.hashes) == 18
    assert check_hashes(answer, known)
    assert not check_hashes(replace(answer, hashes=answer.hashes[::-1]), known)
    assert not check_hashes(replace(answer, hashes=answer.hashes[:-1]), known)


def test_what_is_not_here_or_damaged_is_not_answered(fresh: Node) -> None:
    digest = add_bytes(fresh.store, SMALL)
    assert answer_audit(fresh.store, AuditRequest(Digest.of(b"x"), (0,))) is None
    assert answer_audit(fresh.store, AuditRequest(digest, (1,))) is None
    fresh.active.path(digest).write_bytes(SMALL[:-1] + b"b")
    assert answer_audit(fresh.store, AuditRequest(digest, (0,))) is None


def _outcomes(ask: Callable[[AuditRequest], bytes | None], size: int, *known: Pieces) -> Counter[str]:
    digest = Digest.of(SMALL if size <= len(SMALL) else LARGE)
    auditor = Auditor(ask, {digest: size}, {digest: known})
    return count_outcomes(auditor, {digest: Counter({0: 2})})[0]


def test_each_way_of_not_having_a_blob_is_told_apart(store: MemoryBlobStore) -> None:
    honest = lambda request: answer_audit(store, request)  # noqa: E731

    def silent(request: AuditRequest) -> bytes | None:
        raise PeerError("no answer")

    wrong = json.dumps(
        {"size": 1, "pieces": [{"index": 0, "data": base64.b64encode(b"x").decode(), "path": []}]}
    ).encode()
    truth, lie = pieces_root(io.BytesIO(LARGE)), Pieces(len(LARGE), Digest.of(b"lie"))
    assert _outcomes(honest, len(SMALL)) == {"right": 2}
    assert _outcomes(silent, len(SMALL)) == {"unanswered": 2}
    assert _outcomes(lambda request: None, len(SMALL)) == {"wrong": 2}
    assert _outcomes(lambda request: wrong, len(SMALL)) == {"wrong": 2}
    assert _outcomes(lambda request: b"garbage", len(SMALL)) == {"wrong": 2}
    assert _outcomes(honest, len(LARGE), truth) == {"right": 2}
    assert _outcomes(honest, len(LARGE), lie) == {"wrong": 2}
    # Of two words about the root one is true: the whole blob decides.
    assert _outcomes(honest, len(LARGE), lie, truth) == {"right": 2}
    assert _outcomes(honest, len(LARGE)) == {"right": 2}
    assert _outcomes(honest, 0) == {"right": 2}


def test_a_blob_without_end_does_not_keep_the_auditor_busy() -> None:
    asked = []

    def endless(request: AuditRequest) -> bytes:
        asked.append(request)
        pieces = [{"index": index, "data": "", "path": []} for index in request.pieces]
        return json.dumps({"size": 2**53 - 1, "pieces": pieces}).encode()

    assert _outcomes(endless, len(SMALL)) == {"wrong": 2}
    assert len(asked) == 1


@pytest.fixture
def large(fresh: Node, vasculum: Vasculum, tmp_path: Path) -> Node:
    """A node with one image of over 16 MiB and one of less."""
    png = b"\x89PNG\r\n\x1a\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "large.png").write_bytes(png + LARGE)
    (tmp_path / "in" / "small.png").write_bytes(png + SMALL)
    assert vasculum("--node", fresh.layout.root, "add", tmp_path / "in").code == 0
    return fresh


def test_a_crawl_says_of_large_blobs_what_it_takes_to_check_their_pieces(
    large: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    data = (tmp_path / "in" / "large.png").read_bytes()
    assert len(data) > LARGEST_UNPIECED
    with large.index() as index:
        assert index.rows("SELECT access, digest FROM pieces") == [
            {"access": "public", "digest": Digest.of(data).raw}
        ]
        assert pieces_of(index, Digest.of(data)) == (pieces_root(io.BytesIO(data)),)
        assert pieces_of(index, Digest.of(b"x")) == ()
    assert vasculum("--node", large.layout.root, "verify", "--deep").code == 0
    # Said once, however often it is met.
    assert vasculum("--node", large.layout.root, "add", tmp_path / "in").code == 0
    with large.index() as index:
        assert len(index.rows("SELECT 1 FROM pieces")) == 1


def test_an_audit_of_a_large_blob_needs_only_the_logs_word_on_its_pieces(
    large: Node, birch: Node, follow: Callable[[Node, Node], None]
) -> None:
    with large.writing():
        made = create_slice(large, "all", composed(None, {}))
    with large.index() as index:
        mirror = add_mirror(large, index, made, Mode.MIRROR, None)
    assert run_mirror(large, made, mirror, from_store(large.store, large.store)).held == 2
    follow(birch, large)
    with birch.index() as index:
        (claim,) = claims_to_audit(birch, index, large.config.identity.origin)
        assert claims_to_audit(birch, index, claim.digest.hex[:10]) == (claim,)
        with pytest.raises(NotFound, match="No claim to audit"):
            claims_to_audit(birch, index, "https://nobody.example")
    asked: list[AuditRequest] = []

    def ask(request: AuditRequest) -> bytes | None:
        asked.append(request)
        return answer_audit(large.store, request)

    done = audit(birch, claim, ask, 50, random.Random(3))
    assert (done.report.verdict, done.report.right) == (Verdict.PASSED, 50)
    assert sum(len(request.pieces) for request in asked) <= 19
    large.store.remove(max(large.store.digests(), key=large.store.size))
    failed = audit(birch, claim, ask, 50, random.Random(3))
    assert failed.report.verdict is Verdict.FAILED
    assert len(failed.report.failed) == 1
    with birch.index() as index:
        assert trusted_claims(birch, index) == ()
