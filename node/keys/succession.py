"""Putting a new log in the place of the old one; each step may be done twice."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from node.errors import NodeError
from node.layout import Layout
from node.peers.model import FollowedLog
from node.peers.store import PeerStore
from provenance.keys import VerifierKey, parse_public_key
from provenance.log.files import sync_folder

PLAN: Final = "plan.json"


def succession_under_way(layout: Layout) -> bool:
    """Whether a new log stands ready that has not come into its place yet."""
    return (layout.successor / PLAN).exists()


def complete_succession(layout: Layout) -> None:
    """Go on with a succession from wherever it stands; the caller holds the writer lock.

    The old log stays here like one that is followed and frozen, so that its rows are found and its citations
    can be made and checked as before.

    Raises:
        NodeError: a file cannot be moved; whoever opens the node next tries again.
    """
    if not succession_under_way(layout):
        return
    new = Layout(layout.successor)
    try:
        plan = json.loads((new.root / PLAN).read_bytes())
        old = VerifierKey.parse(plan["predecessor"])
        _follow(layout, plan, old)
        _move_log(layout, new, layout.mirror(old.name))
        _move_keys(layout, new)
        if new.config.exists():
            new.config.replace(layout.config)
        # Both are derived from logs, and this node's own log is another one now.
        for path in (layout.index, Path(f"{layout.index}.wal"), layout.served):
            path.unlink(missing_ok=True)
        sync_folder(layout.root)
        shutil.rmtree(new.root)
    except OSError as error:
        raise NodeError(f"The succession of the log could not be ended: {error}. Try again.") from error


def _follow(layout: Layout, plan: Mapping[str, Any], old: VerifierKey) -> None:
    followed = FollowedLog(
        key=old,
        identity=parse_public_key(str(plan["identity"])),
        institution=str(plan["institution"]),
        added=datetime.now(UTC).isoformat(timespec="seconds"),
        frozen=f"it is continued by {plan['successor']}",
        former=tuple(VerifierKey.parse(text) for text in plan["former"]),
    )
    PeerStore(layout.peers).keep(followed, int(plan["size"]))


def _move_log(layout: Layout, new: Layout, mirror: Path) -> None:
    if new.log.exists():
        if layout.log.exists():
            mirror.parent.mkdir(exist_ok=True)
            layout.log.rename(mirror)
            sync_folder(mirror.parent)
        new.log.rename(layout.log)
    if new.log_lock.exists():
        new.log_lock.replace(layout.log_lock)
    sync_folder(layout.root)


def _move_keys(layout: Layout, new: Layout) -> None:
    keys = layout.identity_key.parent
    for path in (layout.coming_identity_key, layout.coming_log_key, layout.coming_post_quantum_key):
        path.unlink(missing_ok=True)
    for path in sorted(new.identity_key.parent.iterdir()):
        current = keys / path.name
        if current in (layout.identity_key, layout.log_key) and current.exists():
            _keep(layout, current)
        path.replace(current)
    sync_folder(keys)


def _keep(layout: Layout, path: Path) -> None:
    """Former private keys are kept under the names that their changes give them."""
    label = path.read_bytes().partition(b"\n")[0].decode("ascii", "replace")
    kept = layout.former_keys / f"{path.stem}-{label[-12:]}.pem"
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    if not kept.exists():
        os.link(path, kept)
        sync_folder(kept.parent)
