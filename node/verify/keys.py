"""The node's keys: the public ones, the private ones, and what the log says of both."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.compose import Node
from node.errors import NodeError
from node.keys.history import read_history
from node.keys.load import load_key, load_post_quantum_key
from node.layout import CONFIG_NAME
from node.verify.fault import NodeFault
from provenance import post_quantum
from provenance.cosignature import Cosigner
from provenance.errors import BadKeyChange, ProvenanceError
from provenance.key_history import KeyHistory
from provenance.keys import PublicKey
from provenance.statement.kinds import key_commitment


def own_history(node: Node) -> tuple[KeyHistory | None, list[NodeFault]]:
    """The key history of the node's log; None, and perhaps why, where the log cannot tell it."""
    try:
        return read_history(node), []
    except BadKeyChange as error:
        return None, [NodeFault("log", "bad", "log", str(error))]
    except (NodeError, ProvenanceError, HashstoreError):
        return None, []  # the log or a statement is damaged, which is told elsewhere


def check_public_keys(node: Node) -> Iterator[NodeFault]:
    """The public keys are to the byte what was written; nothing can be judged by damaged ones."""
    files: tuple[tuple[Path, Callable[[], str]], ...] = (
        (node.layout.identity_public, lambda: node.identity_public.did),
        (node.layout.log_public, lambda: str(node.log_key)),
    )
    for path, read in files:
        name = str(path.relative_to(node.layout.root))
        try:
            if path.read_bytes() != f"{read()}\n".encode():
                yield NodeFault("key", "bad", name, f"{name} holds more than one key on one line.")
            elif path == node.layout.identity_public and _disowned(node):
                message = f"{name} is damaged: the log says that another key signs its statements."
                yield NodeFault("key", "bad", name, message)
        except FileNotFoundError:
            yield NodeFault(
                "key", "missing", name, f"{name} is missing. Copy it from wherever you published it."
            )
        except (OSError, NodeError, ProvenanceError) as error:
            yield NodeFault("key", "bad", name, str(error))


def _disowned(node: Node) -> bool:
    """Whether the log names another identity than the file; a change that is under way may be half done."""
    history, _ = own_history(node)
    if history is None:
        return False
    known = history.identities[-2:] if node.layout.coming_identity_key.exists() else history.identities[-1:]
    return node.identity_public not in {span.key for span in known}


def check_keys(node: Node, history: KeyHistory | None) -> Iterator[NodeFault]:
    """Private keys can be read, are ours alone, and are those of the log; node.toml names their log."""
    origin = node.config.identity.origin
    if origin != node.log_key.name:
        message = f"{CONFIG_NAME} names the log {origin}, its key {node.log_key.name}: put that name back."
        yield NodeFault("key", "bad", CONFIG_NAME, message)
    layout = node.layout
    for path, public in ((layout.identity_key, node.identity_public), (layout.log_key, node.log_key.key)):
        yield from _check_private(node, path, public)
    promised = (None, None) if history is None else (history.next_identity, history.next_log)
    for path, commitment in zip((layout.next_identity_key, layout.next_log_key), promised, strict=True):
        # Better kept elsewhere: that it is not here is no fault.
        if path.exists():
            yield from _check_private(node, path, commitment)
    for path in (layout.witness_key, *sorted(layout.former_keys.glob("*.pem"))):
        if path.exists():
            yield from _check_private(node, path, None)
    named = history is not None and history.post_quantum
    if post_quantum.available() and (named or layout.post_quantum_key.exists()):
        yield from _check_post_quantum(node, layout.post_quantum_key, history)


def _check_post_quantum(node: Node, path: Path, history: KeyHistory | None) -> Iterator[NodeFault]:
    def judge(path: Path) -> str | None:
        key = Cosigner(node.log_key.name, load_post_quantum_key(path)).key
        if history is None or not history.post_quantum or node.layout.change_under_way:
            return None
        return None if key == history.post_quantum[-1][1] else "is not the key that the log names."

    yield from _checked(node, path, judge)


def _check_private(node: Node, path: Path, due: PublicKey | Digest | None) -> Iterator[NodeFault]:
    def judge(path: Path) -> str | None:
        public = load_key(path).public
        if due is None or node.layout.change_under_way or due in (public, key_commitment(public)):
            return None
        if isinstance(due, Digest):
            return "is not the key that the log has committed to as its next."
        return "is not the private key of the public one beside it."

    yield from _checked(node, path, judge)


def _checked(node: Node, path: Path, judge: Callable[[Path], str | None]) -> Iterator[NodeFault]:
    name = str(path.relative_to(node.layout.root))
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield NodeFault("key", "bad", name, f"Others can read {name}: chmod 600 {path}")
        if (fault := judge(path)) is not None:
            yield NodeFault("key", "bad", name, f"{name} {fault}")
    except FileNotFoundError:
        message = f"{name} is missing: nothing more can be signed. Restore it from where you keep it safe."
        yield NodeFault("key", "missing", name, message)
    except (OSError, ProvenanceError) as error:
        yield NodeFault("key", "bad", name, str(error))
