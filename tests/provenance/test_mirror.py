"""A mirror grows only by what its signed heads commit to, whatever it is given and whenever it is killed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashstore.merkle import leaf_hashes, merkle_root
from provenance.errors import BadSignature, CorruptLog, LogError
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.log.mirror import Mirror, Verdict, judge
from provenance.log.verify import verify_log

ORIGIN = "museum.example/log"
SIGNER = SigningKey(b"\x01" * 32)
KEY = VerifierKey(ORIGIN, SIGNER.public)


def _leaves(count: int, salt: str = "") -> list[bytes]:
    return [f"leaf {number} {salt}".encode() for number in range(count)]


def _head(leaves: Sequence[bytes]) -> TreeHead:
    return TreeHead(len(leaves), merkle_root(leaf_hashes(leaves)))


def _signed(leaves: Sequence[bytes], signer: SigningKey = SIGNER) -> bytes:
    return Checkpoint(ORIGIN, _head(leaves)).sign(signer)


def _grown(root: Path, *sizes: int) -> Mirror:
    mirror = Mirror(root / "mirror", KEY)
    leaves, have = _leaves(max(sizes)), 0
    for size in sizes:
        mirror.extend(_signed(leaves[:size]), leaves[have:size])
        have = size
    return mirror


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=4, unique=True).map(sorted))
def test_in_whatever_steps_it_grows_it_becomes_the_log(tmp_path: Path, sizes: list[int]) -> None:
    shutil.rmtree(tmp_path / "mirror", ignore_errors=True)
    mirror = _grown(tmp_path, *sizes)
    assert list(mirror.leaves()) == _leaves(sizes[-1])
    assert list(verify_log(tmp_path / "mirror", KEY)) == []


def test_more_leaves_than_are_held_at_once_lead_to_the_same_tiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.log.mirror._CHUNK", 512)
    _grown(tmp_path, 3, 1500)
    assert list(verify_log(tmp_path / "mirror", KEY)) == []


def test_two_heads_are_told_apart_by_what_they_say() -> None:
    three, four, other = _head(_leaves(3)), _head(_leaves(4)), _head(_leaves(3, "other"))
    assert judge(three, three) is Verdict.SAME
    assert judge(three, four) is Verdict.GROWN
    assert judge(four, three) is Verdict.OLDER
    assert judge(three, other) is Verdict.FORKED


@pytest.mark.parametrize(
    "lie", ["changed", "cut short", "too many", "forked", "swapped"], ids=lambda lie: lie.replace(" ", "-")
)
def test_leaves_that_do_not_lead_to_the_signed_head_change_nothing(tmp_path: Path, lie: str) -> None:
    mirror = _grown(tmp_path, 300)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    leaves = _leaves(600)
    given = {
        "changed": [*leaves[300:599], b"another"],
        "cut short": leaves[300:599],
        "too many": [*leaves[300:], b"one more"],
        "forked": _leaves(600, "other")[300:],
        "swapped": [leaves[301], leaves[300], *leaves[302:]],
    }[lie]
    with pytest.raises(CorruptLog):
        mirror.extend(_signed(leaves), given)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    mirror.extend(_signed(leaves), leaves[300:])
    assert mirror.head() == _head(leaves)


def test_a_head_that_another_key_signed_is_refused(tmp_path: Path) -> None:
    leaves = _leaves(3)
    with pytest.raises(BadSignature):
        Mirror(tmp_path / "mirror", KEY).extend(_signed(leaves, SigningKey(b"\x02" * 32)), leaves)
    assert not (tmp_path / "mirror").exists()


def test_the_checkpoint_of_another_log_by_the_same_key_is_refused(tmp_path: Path) -> None:
    leaves = _leaves(3)
    other = Checkpoint("other.example/log", _head(leaves)).sign(SIGNER)
    with pytest.raises((BadSignature, CorruptLog)):
        Mirror(tmp_path / "mirror", KEY).extend(other, leaves)


def test_it_never_goes_back(tmp_path: Path) -> None:
    mirror = _grown(tmp_path, 5)
    with pytest.raises(LogError, match="not ahead"):
        mirror.extend(_signed(_leaves(4)), [])
    assert mirror.head() == _head(_leaves(5))


class _Killed(BaseException):
    pass


def test_stopped_before_any_change_of_the_disk_it_is_the_log_of_its_checkpoint_and_goes_on(
    tmp_path: Path,
) -> None:
    leaves, steps = _leaves(520), 0

    def count(name: str) -> None:
        nonlocal steps
        steps += 1

    origin = _grown(tmp_path / "before", 255)
    shutil.copytree(tmp_path / "before", tmp_path / "counted")
    Mirror(tmp_path / "counted" / "mirror", KEY, step=count).extend(_signed(leaves), leaves[255:])
    assert steps > 10
    for stop in range(steps):
        root = tmp_path / f"stopped-{stop}"
        shutil.copytree(tmp_path / "before", root)
        left = stop

        def at(name: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise _Killed

        with pytest.raises(_Killed):
            Mirror(root / "mirror", KEY, step=at).extend(_signed(leaves), leaves[255:])
        mirror = Mirror(root / "mirror", KEY)
        assert mirror.head() in (origin.head(), _head(leaves))
        assert list(mirror.leaves()) == leaves[: mirror.head().size]
        if mirror.head() == origin.head():
            mirror.extend(_signed(leaves), leaves[255:])
        assert list(verify_log(root / "mirror", KEY)) == []


def test_more_signatures_may_come_under_the_same_head_only(tmp_path: Path) -> None:
    mirror = _grown(tmp_path, 5)
    more = _signed(_leaves(5)) + "— witness.example AAAAAAAA\n".encode()
    mirror.renew(more)
    assert mirror.signed_checkpoint() == more
    with pytest.raises(LogError):
        mirror.renew(_signed(_leaves(6)))


def test_heavy_leaves_are_held_a_few_tiles_at_a_time_and_lead_to_the_same_tiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.log.mirror._HELD", 1000)
    mirror = _grown(tmp_path, 3, 1500)
    assert list(mirror.leaves()) == _leaves(1500)
    assert list(verify_log(tmp_path / "mirror", KEY)) == []
