"""Keys, journal and index: what a node keeps for itself."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from hashstore.errors import HashstoreError
from node.compose import Node, passphrase
from node.errors import NodeError
from node.index import Index, index_digest
from node.layout import CONFIG_NAME
from node.verify.fault import NodeFault
from provenance.errors import ProvenanceError
from provenance.keys import PublicKey, SigningKey
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.statement import parse_statement


def check_public_keys(node: Node) -> Iterator[NodeFault]:
    """The public keys are to the byte what `init` wrote; nothing can be judged by damaged ones."""
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
                message = f"{name} is damaged: another key signed the log's first entry."
                yield NodeFault("key", "bad", name, message)
        except FileNotFoundError:
            yield NodeFault(
                "key", "missing", name, f"{name} is missing. Copy it from wherever you published it."
            )
        except (OSError, NodeError, ProvenanceError) as error:
            yield NodeFault("key", "bad", name, str(error))


def _disowned(node: Node) -> bool:
    """Whether the log's first statement, which says whose log it is, names another identity than the file."""
    try:
        leaf = decode_leaf(node.reader.leaf(0))
        if not isinstance(leaf, StatementLeaf):
            return False
        return parse_statement(node.store.read(leaf.statement)).signer != node.identity_public.did
    except (NodeError, ProvenanceError, HashstoreError):
        return False  # the log is damaged, which is told elsewhere


def check_keys(node: Node) -> Iterator[NodeFault]:
    """Private keys can be read, are ours alone, and belong to the public ones; node.toml names their log."""
    origin = node.config.identity.origin
    if origin != node.log_key.name:
        message = f"{CONFIG_NAME} names the log {origin}, its key {node.log_key.name}: put that name back."
        yield NodeFault("key", "bad", CONFIG_NAME, message)
    pairs: tuple[tuple[Path, PublicKey | None], ...] = (
        (node.layout.identity_key, node.identity_public),
        (node.layout.log_key, node.log_key.key),
    )
    for path, public in pairs:
        name = str(path.relative_to(node.layout.root))
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                yield NodeFault("key", "bad", name, f"Others can read {name}: chmod 600 {path}")
            if SigningKey.load(path, passphrase()).public != public:
                yield NodeFault(
                    "key", "bad", name, f"{name} is not the private key of the public one beside it."
                )
        except FileNotFoundError:
            message = (
                f"{name} is missing: nothing more can be signed. Restore it from where you keep it safe."
            )
            yield NodeFault("key", "missing", name, message)
        except (OSError, ProvenanceError) as error:
            yield NodeFault("key", "bad", name, str(error))


def check_index(node: Node, *, sound: bool) -> Iterator[NodeFault]:
    """The index holds exactly what log and segments give.

    Args:
        node: The node.
        sound: Whether log and segments are sound; an index cannot be compared with damaged ones.
    """
    if not sound or not node.layout.index.exists():
        return
    name = node.layout.index.name
    try:
        with node.index() as index:
            found = index_digest(index)
        if found != rebuilt_digest(node):
            message = "The index differs from what log and segments give: vasculum index rebuild"
            yield NodeFault("index", "bad", name, message)
    except NodeError as error:
        yield NodeFault("index", "bad", name, str(error))


def rebuilt_digest(node: Node) -> object:
    """The digest of an index made anew, in a folder beside the real one."""
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=node.layout.root) as folder:
        index = Index(Path(folder) / "index.duckdb")
        try:
            node.refresh(index)
            return index_digest(index)
        finally:
            index.close()
