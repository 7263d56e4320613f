"""The end of a change of keys: the files follow the log, whenever the process died (spec/keys.md)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from node.compose import Node
from node.errors import NodeError
from node.keys.history import read_history
from node.keys.load import load_key
from node.keys.signing import post_quantum_public
from provenance.key_history import KeyHistory
from provenance.keys import PublicKey
from provenance.log.files import sync_folder, write_synced

Step = Callable[[str], None]


def no_step(name: str) -> None:
    """Where tests stop the world, production goes on."""


def settle(node: Node, step: Step = no_step) -> None:
    """Bring the key files to what the log says; harmless at any time, for the one process that writes.

    Args:
        node: The node; its keys are read anew after this.
        step: Called with a name before each change of the disk.
    """
    history, layout = read_history(node), node.layout
    if layout.coming_log_key.exists():
        _settle_log(node, history, step)
    if layout.coming_identity_key.exists():
        changed = _advance(layout.identity_key, layout.next_identity_key, history.identity, node, step)
        if changed:
            step("write identity.did")
            _replace_text(layout.identity_public, f"{history.identity.did}\n")
        _finish(layout.coming_identity_key, layout.next_identity_key, changed, step)
    node.forget_keys()


def _settle_log(node: Node, history: KeyHistory, step: Step) -> None:
    layout = node.layout
    changed = _advance(layout.log_key, layout.next_log_key, history.log_key.key, node, step)
    coming = layout.coming_post_quantum_key
    if coming.exists():
        active = history.post_quantum[-1][1] if history.post_quantum else None
        step("settle log-mldsa44.pem")
        if changed and active is not None and post_quantum_public(coming, history.origin) == active:
            coming.replace(layout.post_quantum_key)
        else:
            coming.unlink()
        sync_folder(coming.parent)
    if changed:
        step("write log.vkey")
        _replace_text(layout.log_public, f"{history.log_key}\n")
    _finish(layout.coming_log_key, layout.next_log_key, changed, step)


def _advance(current: Path, following: Path, active: PublicKey, node: Node, step: Step) -> bool:
    """Put the next key in the place of the current one if the log says so; returns whether it does."""
    found = load_key(current).public
    if found == active:
        # Either nothing was changed yet, or only what comes after this step is left to do.
        return not following.exists()
    if not following.exists() or load_key(following).public != active:
        raise NodeError(
            f"The log says that {active.did} signs now, and neither {current} nor {following} is its private "
            "half. Put that key file back, or succeed the log: `vasculum log succeed`."
        )
    step(f"keep {current.name}")
    _keep(current, node.layout.former_keys / f"{current.stem}-{found.multibase[-12:]}.pem")
    step(f"replace {current.name}")
    following.replace(current)
    sync_folder(current.parent)
    return True


def _keep(path: Path, kept: Path) -> None:
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    if not kept.exists():
        os.link(path, kept)
        sync_folder(kept.parent)


def _finish(coming: Path, following: Path, changed: bool, step: Step) -> None:
    step(f"settle {following.name}")
    if changed:
        coming.replace(following)
    else:
        coming.unlink()  # it was never told to anyone
    sync_folder(coming.parent)


def _replace_text(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    write_synced(temporary, text.encode())
    temporary.replace(path)
    sync_folder(path.parent)
