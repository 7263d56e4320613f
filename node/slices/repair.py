"""Bring again what is damaged or lost: verify names it, the same seam as for mirrors brings it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hashstore.digest import Digest
from node.compose import Node
from node.peers.bring import Outcome
from node.slices.bringing import Fetch
from node.verify import verify_node

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one blob.

    Attributes:
        digest: Which.
        kind: What was wrong: `bad` or `missing`.
        outcome: Whether sound bytes came.
    """

    digest: Digest
    kind: str
    outcome: Outcome

    @property
    def sound(self) -> bool:
        """Whether the blob is here and right now."""
        return self.outcome in (Outcome.FETCHED, Outcome.HERE)


def repair(
    node: Node, fetch: Fetch, *, progress: Callable[[int], None], phase: Callable[[str], None]
) -> Iterator[Repaired]:
    """Hash every blob, and bring each that is damaged or lost.

    Damaged bytes are set aside, not removed: they come back if no sound ones can be had, since even they may
    be the last that is left.

    Args:
        node: The node.
        fetch: Where bytes come from.
        progress: Called with each number of bytes hashed.
        phase: Called with what is done next, in words.
    """
    _put_back(node)
    faults: dict[Digest, str] = {}
    for fault in verify_node(node, deep=False, progress=progress, phase=phase):
        if fault.part == "store" and fault.digest is not None and fault.kind in ("bad", "missing"):
            faults[fault.digest] = fault.kind
    if faults:
        phase(f"Bringing {len(faults):,} blobs")
    wanted = sorted(faults)
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        for digest in batch:
            _set_aside(node, digest)
        try:
            for digest, outcome in fetch(batch):
                yield Repaired(digest, faults[digest], outcome)
        finally:
            _put_back(node)


def _set_aside(node: Node, digest: Digest) -> None:
    path = node.active.path(digest)
    if path.exists():
        node.layout.damaged.mkdir(exist_ok=True)
        os.replace(path, node.layout.damaged / digest.hex)


def _put_back(node: Node) -> None:
    """Forget damaged bytes whose sound ones are here, and put the others back: also after a kill."""
    folder = node.layout.damaged
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        digest = Digest.parse(path.name)
        if node.store.contains(digest):
            path.unlink()
        else:
            target = node.active.path(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)
    folder.rmdir()
