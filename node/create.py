"""Make a node: keys, settings, and a log whose first entry says which keys belong together."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

from hashstore.blobstore import add_bytes
from hashstore.errors import HashstoreError
from node.compose import Node, load_key, open_node, passphrase
from node.config import new_config_text, parse_config
from node.errors import NodeError
from node.keys.signing import make_post_quantum_key, post_quantum_public
from node.layout import Layout
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import StatementLeaf
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds import LogDescription, key_commitment


def new_origin() -> str:
    """A log name that no other node has."""
    return f"w3id.org/vasculum/log/{uuid.uuid4()}"


def create_node(layout: Layout, name: str, origin: str | None = None) -> Node:
    """Make a node in an empty or new folder.

    The settings are written last: a folder without them is no node, so a killed `init` can run again.

    Args:
        layout: Where.
        name: The institution.
        origin: The log's name; a fresh one if None.

    Raises:
        NodeError: there is a node already, or the folder cannot be written.
    """
    if layout.config.exists():
        raise NodeError(f"There is a node at {layout.root} already; it stays as it is.")
    if unfit := [letter for letter in str(layout.root) if letter in "?\\" or "\ud800" <= letter <= "\udfff"]:
        raise NodeError(
            f"The index cannot lie in a folder with {unfit[0]!r} in its path: {str(layout.root)!r}"
        )
    text = new_config_text(name, _chosen_origin(layout, origin))
    config = parse_config(text, "the new settings")
    try:
        layout.identity_key.parent.mkdir(parents=True, exist_ok=True)
        identity = _key(layout.identity_key)
        log_key = _key(layout.log_key)
        _key(layout.next_identity_key)
        _key(layout.next_log_key)
        make_post_quantum_key(layout.post_quantum_key)
        layout.identity_public.write_text(identity.public.did + "\n", encoding="utf-8")
        verifier = VerifierKey(config.identity.origin, log_key.public)
        layout.log_public.write_text(f"{verifier}\n", encoding="utf-8")
        node = Node(layout, config)
        _describe_log(node, verifier)
        _write_durably(layout, text)
    except (OSError, HashstoreError) as error:
        raise NodeError(f"The node at {layout.root} could not be made: {error}") from error
    return open_node(layout)


def _chosen_origin(layout: Layout, wanted: str | None) -> str:
    """The log's name: the one under which an interrupted `init` began a log, whose entries are signed so."""
    try:
        begun = layout.log_lock.read_text(encoding="utf-8").partition("\n")[0]
    except (FileNotFoundError, NotADirectoryError):
        return new_origin() if wanted is None else wanted
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"{layout.log_lock} cannot be read: {error}") from error
    if wanted not in (None, begun):
        raise NodeError(
            f"An init that was cut short began a log named {begun} at {layout.root}. "
            f"Leave --origin out to go on with it, or remove the folder."
        )
    return begun


def _key(path: Path) -> SigningKey:
    """A new key, or the one that an interrupted `init` left."""
    if path.exists():
        return load_key(path)
    key = SigningKey.generate()
    key.save(path, passphrase())
    return key


def _describe_log(node: Node, verifier: VerifierKey) -> None:
    node.log.recover()
    if node.reader.head().size:
        return
    made = datetime.now(UTC)
    institution = node.config.identity.name
    layout = node.layout
    description = LogDescription(
        new_statement_id(),
        verifier,
        node.identity.public,
        institution,
        made,
        next_identity=key_commitment(load_key(layout.next_identity_key).public),
        next_log=key_commitment(load_key(layout.next_log_key).public),
        post_quantum=post_quantum_public(layout.post_quantum_key, verifier.name),
    )
    statement = issue(description.document(), node.identity, made)
    node.log.append([StatementLeaf(add_bytes(node.store, statement.raw)).encode()])


def _write_durably(layout: Layout, text: str) -> None:
    temporary = layout.config.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, layout.config)
    folder = os.open(layout.root, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
