"""Making ready a new log that continues this node's broken or stolen one (spec/keys.md, "Succession").

Everything new is made in one folder. Once that folder holds its plan, the succession happens: killed
anywhere, whoever opens the node next goes on with it (`node.keys.succession`).
"""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime

from hashstore.blobstore import add_bytes
from hashstore.canonical import Json, canonical_json
from node.compose import Node
from node.config import text_with_origin
from node.errors import NodeError
from node.journal import Journal, Phase
from node.keys.history import read_history
from node.keys.load import load_key, passphrase
from node.keys.signing import further_signers, make_post_quantum_key, post_quantum_public
from node.keys.succession import PLAN, complete_succession
from node.layout import Layout
from provenance.key_history import KeyHistory
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import TreeHead
from provenance.log.files import sync_folder, write_synced
from provenance.log.leaf import StatementLeaf
from provenance.log.log import Log
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds import LogDescription, LogSuccessor, key_commitment


def succeed(node: Node, origin: str) -> TreeHead:
    """Begin a new log that continues this node's log from the head that is published here.

    The caller holds the writer lock, but need not have recovered the log: that may be what fails.

    Args:
        node: The node; open it anew after this.
        origin: The new log's name.

    Returns:
        The last head of the old log that the new one stands by.

    Raises:
        NodeError: the key that may continue the log is not here.
        ProvenanceError, HashstoreError: the old log cannot be read.
    """
    if origin == node.config.identity.origin:
        raise NodeError(f"The new log needs another name than {origin}.")
    history, head = read_history(node), node.reader.head()
    heir = _heir(node, history)
    shutil.rmtree(node.layout.successor, ignore_errors=True)
    new = Layout(node.layout.successor)
    key = _make_keys(new, heir, origin)
    text = node.layout.config.read_text(encoding="utf-8-sig")
    write_synced(new.config, text_with_origin(text, origin).encode())
    _begin(node, new, key, LogSuccessor(new_statement_id(), origin, history.origin, head, datetime.now(UTC)))
    _forget_signed_crawls(node)
    plan: dict[str, Json] = {
        "institution": history.institution,
        "identity": history.identity.did,
        "predecessor": str(node.log_key),
        "former": [str(key) for key in reversed(history.log_keys[:-1])],
        "size": head.size,
        "successor": origin,
    }
    temporary = new.root / f"{PLAN}.new"
    write_synced(temporary, canonical_json(plan))
    temporary.replace(new.root / PLAN)
    sync_folder(new.root)
    complete_succession(node.layout)
    return head


def _heir(node: Node, history: KeyHistory) -> SigningKey:
    """The key that may continue the log: the one it had committed to; its present one if to none."""
    if history.next_identity is None:
        return load_key(node.layout.identity_key)
    path = node.layout.next_identity_key
    if not path.exists() or key_commitment(load_key(path).public) != history.next_identity:
        raise NodeError(
            f"Only the identity key that this log has committed to may continue it, and it is not in {path}. "
            "Put it back from where you keep it."
        )
    return load_key(path)


def _make_keys(new: Layout, heir: SigningKey, origin: str) -> VerifierKey:
    new.identity_key.parent.mkdir(parents=True)
    heir.save(new.identity_key, passphrase())
    for path in (new.log_key, new.next_identity_key, new.next_log_key):
        SigningKey.generate().save(path, passphrase())
    make_post_quantum_key(new.post_quantum_key)
    key = VerifierKey(origin, load_key(new.log_key).public)
    write_synced(new.identity_public, f"{heir.public.did}\n".encode())
    write_synced(new.log_public, f"{key}\n".encode())
    sync_folder(new.identity_key.parent)
    return key


def _begin(node: Node, new: Layout, key: VerifierKey, succession: LogSuccessor) -> None:
    """The first two leaves: which keys the new log has, and which log it continues."""
    heir = load_key(new.identity_key)
    description = LogDescription(
        new_statement_id(),
        key,
        heir.public,
        node.config.identity.name,
        succession.made,
        next_identity=key_commitment(load_key(new.next_identity_key).public),
        next_log=key_commitment(load_key(new.next_log_key).public),
        post_quantum=post_quantum_public(new.post_quantum_key, key.name),
    )
    statements = [issue(each.document(), heir, succession.made) for each in (description, succession)]
    further = further_signers(new, key.name)
    log = Log(new.log, key.name, load_key(new.log_key), lock=new.log_lock, further=further)
    log.append([StatementLeaf(add_bytes(node.store, each.raw)).encode() for each in statements])


def _forget_signed_crawls(node: Node) -> None:
    """A crawl that was signed for the old log and never reached it has no place in the new one."""
    if not node.layout.journal.exists():
        return
    with closing(Journal(node.layout.journal)) as journal:
        for state in journal.unfinished():
            if state.phase is Phase.FINISHING:
                journal.forget(state.crawl)
