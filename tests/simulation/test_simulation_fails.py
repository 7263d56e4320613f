"""The simulation can fail: without any one of the node's checks, some of its first worlds break a law."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hashstore.digest import Digest
from node.peers.run import Run
from provenance.keys import parse_public_key
from provenance.log.leaf import SegmentLeaf
from provenance.log.mirror import Mirror, Verdict
from provenance.statement.proofs import Verified
from simulated.laws import Broken
from simulated.memo import everything_once
from simulated.world import live_through

_WORLDS = 250


def _nothing(*about: Any, **more: Any) -> None:
    """A check that finds nothing."""


def _no(*about: Any, **more: Any) -> bool:
    return False


def _withdrawn(step: Any, digest: Digest, places: list[int]) -> None:
    """Take it for withdrawn if nobody gives it."""
    step.refused |= dict.fromkeys(places, "it was withdrawn")


def _refused(step: Any, index: int, why: str) -> None:
    """Refuse for good what could not be examined now."""
    step.refused[index] = why


def _believed(members: Any, signed: bytes, what: str) -> Verified:
    """Take a proof for what it says."""
    key = parse_public_key(members["verificationMethod"].partition("#")[0])
    return Verified(members.get("id"), members["cryptosuite"], key, members["created"])


def _unchecked_kept(work: Any, client: Any, asked: Digest, data: bytes) -> Any:
    """Keep bytes under the name that was asked for, whatever they are."""
    store = work._store
    with store.stage() as staging:
        staging.write(data)
        sealed = staging.seal()
    return type(sealed)(asked, sealed.size, sealed.token)


def _unchecked_growth(mirror: Mirror, old: Any, new: Any, leaves: Any) -> None:
    """Write whatever leaves come; the signed root is not compared."""
    from hashstore.merkle import leaf_hashes
    from provenance.log.growth import grown_files
    from provenance.log.tree import TileTree

    batch = list(leaves)
    mirror._files.write(grown_files(TileTree(mirror._files, old.size), batch, leaf_hashes(batch)))


def _grown_if_other(known: Any, offered: Any) -> Verdict:
    """A head that goes back is as good as one that goes on."""
    return Verdict.SAME if known == offered else Verdict.GROWN


def _forgiving(*faults: str) -> Callable[..., str | None]:
    """Let some faults of a segment's entry pass."""
    real = Run.refuses

    def refuses(run: Run, index: int, leaf: SegmentLeaf) -> str | None:
        reason = real(run, index, leaf)
        return None if reason is None or any(fault in reason for fault in faults) else reason

    return refuses


_MUTATIONS: dict[str, tuple[tuple[str, Callable[..., Any]], ...]] = {
    "signatures": (("provenance.statement.proofs.verify_members", _believed),),
    "whose-signature": (("node.peers.step.Step.not_its_own", _nothing),),
    "listed": (("node.peers.run.Run.refuses", _forgiving("does not list it", "describes it otherwise")),),
    "behind-its-statement": (("node.peers.run.Run.refuses", _forgiving("does not stand behind")),),
    "once": (("node.peers.run.Run.refuses", _forgiving("names the same segment")),),
    "rows": (("simulated.peer.rows_fault", _nothing),),
    "withdrawn-by-anybody": (("node.peers.step.Step._lack", _withdrawn),),
    "revoked": (("node.peers.take._taken_back", lambda *about: set()),),
    "not-examined": (("node.peers.step.Step._not_examined", _refused),),
    "blob-digest": (("node.peers.bring._Work._kept", _unchecked_kept),),
    "contradiction": (
        ("node.peers.heads._contradiction", _nothing),
        ("node.peers.heads._parted", _no),
    ),
    "root": (("provenance.log.mirror.Mirror._grow", _unchecked_growth),),
    "no-way-back": (
        ("provenance.log.mirror.judge", _grown_if_other),
        ("node.peers.heads.judge", _grown_if_other),
        ("provenance.log.mirror.Mirror._grow", _nothing),
    ),
    "checkpoint-signature": (("provenance.log.note.Note.verify", lambda note, keys: tuple(keys)),),
}


@pytest.mark.slow
@pytest.mark.parametrize("checks", _MUTATIONS.values(), ids=_MUTATIONS.keys())
def test_without_a_check_a_law_breaks(
    checks: tuple[tuple[str, Callable[..., Any]], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, without in checks:
        monkeypatch.setattr(name, without)
    with everything_once(anew=True), pytest.raises(Broken):
        _live_through_the_first()


def _live_through_the_first() -> None:
    for seed in range(_WORLDS):
        live_through(seed)
