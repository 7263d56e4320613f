"""A claimant that lacks 1 % of the data is found by 299 draws with a probability of 95 %: measured.

What is simulated is the network alone. The claimant is a real store that answers real requests, the auditor
draws and checks as it does in a node. Seeds are fixed, so a run that passes always passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from random import Random

import pytest

from hashstore.blobstore import MemoryBlobStore, add_bytes
from hashstore.digest import Digest
from hashstore.pieces import PIECE, Pieces, pieces_root
from node.slices.audit import Auditor, count_outcomes, draws_of
from node.slices.auditing import AuditRequest, answer_audit, draw_pieces

RUNS = 400
DRAWS = 299
SHARE = 0.01
FOUND = 1 - (1 - SHARE) ** DRAWS  # 95.05 %


def _least(runs: int, probability: float, doubt: float = 1e-4) -> int:
    """So few successes come by chance once in 10,000 series of runs."""
    total = 0.0
    for successes in range(runs + 1):
        total += comb(runs, successes) * probability**successes * (1 - probability) ** (runs - successes)
        if total > doubt:
            return successes
    raise AssertionError("unreachable")


@pytest.mark.parametrize("sizes", ["alike", "a few that are large"])
def test_who_lacks_a_hundredth_of_the_pieces_is_drawn_in_nineteen_of_twenty_audits(sizes: str) -> None:
    blobs = [PIECE] * 2000 if sizes == "alike" else [1000] * 1000 + [100 * PIECE] * 10
    pieces = [(place, piece) for place, size in enumerate(blobs) for piece in range(max(size // PIECE, 1))]
    found = 0
    for seed in range(RUNS):
        random = Random(seed)
        lost = set(random.sample(pieces, round(len(pieces) * SHARE)))
        found += any(drawn in lost for drawn in draw_pieces(blobs, DRAWS, random))
    assert found >= _least(RUNS, FOUND)
    assert found <= RUNS - _least(RUNS, 1 - FOUND)


def test_each_piece_is_as_likely_as_any_other() -> None:
    sizes = [0, 1, PIECE, 3 * PIECE + 1]
    drawn = draw_pieces(sizes, 70_000, Random(1))
    counts = [drawn.count(piece) for piece in sorted(set(drawn))]
    assert len(counts) == 7
    assert all(9_500 < count < 10_500 for count in counts)


def test_no_claim_of_size_takes_all_draws_to_itself() -> None:
    """A log may say that a blob has 8 PiB; the others must still be drawn."""
    sizes = [2**53] + [PIECE] * 2048
    drawn = draw_pieces(sizes, 1000, Random(1))
    assert 400 < sum(place != 0 for place, _ in drawn) < 600


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw_pieces([], 299, Random(1)) == []


@pytest.fixture(scope="module")
def blobs() -> dict[Digest, bytes]:
    random = Random(7)
    return {Digest.of(data): data for data in (random.randbytes(200) for _ in range(1000))}


@pytest.mark.parametrize("knows", [True, False], ids=["auditor-holds-the-blobs", "auditor-holds-nothing"])
def test_real_audits_find_who_lacks_a_hundredth(blobs: Mapping[Digest, bytes], knows: bool) -> None:
    digests = sorted(blobs)
    sizes = {digest: len(blobs[digest]) for digest in digests}
    known = {digest: _pieces(blobs[digest]) if knows else () for digest in digests}
    complete = MemoryBlobStore()
    for data in blobs.values():
        add_bytes(complete, data)
    answers = {digest: answer_audit(complete, AuditRequest(digest, (0,))) for digest in digests}
    runs, found = 60, 0
    for seed in range(runs):
        random = Random(seed)
        lost = set(random.sample(digests, 10))

        def ask(request: AuditRequest, lost: set[Digest] = lost) -> bytes | None:
            return None if request.digest in lost else answers[request.digest]

        drawn = draws_of(digests, sizes, DRAWS, random)
        counts, failed = count_outcomes(Auditor(ask, sizes, known), drawn)
        assert set(failed) == lost & set(drawn)
        assert counts["right"] + counts["wrong"] == DRAWS
        found += bool(counts["wrong"])
    assert found >= _least(runs, FOUND)


def _pieces(data: bytes) -> tuple[Pieces, ...]:
    import io

    return (pieces_root(io.BytesIO(data)),)
