"""The log that the citation figures come from has the root and the proofs of its leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.large_log import LargeLog
from hashstore.digest import Digest
from provenance.keys import SigningKey
from provenance.log.leaf import StatementLeaf
from provenance.log.log import Log

SIGNER = SigningKey(bytes(range(32)))
ORIGIN = "large.test/log"


@pytest.mark.parametrize("size", [1, 255, 256, 700, 66_000])
def test_it_is_the_log_that_its_leaves_make(size: int, tmp_path: Path) -> None:
    chosen = {0: b"first", size // 2: b"middle", size - 1: b"last"}
    large = LargeLog(ORIGIN, SIGNER, size, chosen).reader
    common = [StatementLeaf(Digest.of(b"%d" % number)).encode() for number in range(256)]
    real = Log(tmp_path / "log", ORIGIN, SIGNER)
    real.append([chosen.get(index, common[index % 256]) for index in range(size)])
    assert large.head() == real.head()
    for index in {0, size // 3, size // 2, size - 1}:
        assert large.leaf(index) == real.leaf(index)
        assert large.inclusion(index).path == real.inclusion(index).path


def test_a_log_of_ten_million_leaves_is_there_at_once() -> None:
    log = LargeLog(ORIGIN, SIGNER, 10_000_000, {7_654_321: b"leaf"}).reader
    assert log.leaf(7_654_321) == b"leaf"
    assert len(log.inclusion(7_654_321).path) == 24
