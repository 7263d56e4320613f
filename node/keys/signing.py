"""What stands under a checkpoint beside the log key's own line."""

from __future__ import annotations

from pathlib import Path

from node.keys.load import load_key, load_post_quantum_key, passphrase
from node.layout import Layout
from provenance import post_quantum
from provenance.cosignature import Cosigner, CosignerKey
from provenance.log.checkpoint import Checkpoint, CheckpointSigner
from provenance.log.note import NoteSignature, sign_note
from provenance.post_quantum import PostQuantumKey


def further_signers(layout: Layout, origin: str) -> tuple[CheckpointSigner, ...]:
    """Who signs a checkpoint beside the log's key.

    That is the log's ML-DSA-44 key, where there is one; and, while the log's key changes, the keys to which
    it changes, so that whoever holds either key can check every checkpoint of that time.

    Raises:
        KeyMaterialError: a key file is damaged.
    """
    signers = [_post_quantum(layout.post_quantum_key, origin)]
    if layout.coming_log_key.exists():
        signers.append(_post_quantum(layout.coming_post_quantum_key, origin))
        if layout.next_log_key.exists():
            signers.append(_ed25519(layout.next_log_key))
    return tuple(signer for signer in signers if signer is not None)


def make_post_quantum_key(path: Path) -> None:
    """Make an ML-DSA-44 key, where this installation offers it and none is there yet."""
    if post_quantum.available() and not path.exists():
        PostQuantumKey.generate().save(path, passphrase())


def post_quantum_public(path: Path, origin: str) -> CosignerKey | None:
    """The public half of an ML-DSA-44 key, if there is one that can be used."""
    if not path.exists() or not post_quantum.available() or len(origin.encode()) > 255:
        return None
    return Cosigner(origin, load_post_quantum_key(path)).key


def _post_quantum(path: Path, origin: str) -> CheckpointSigner | None:
    if not path.exists() or not post_quantum.available() or len(origin.encode()) > 255:
        return None
    cosigner = Cosigner(origin, load_post_quantum_key(path))

    def sign(checkpoint: Checkpoint) -> NoteSignature:
        # Time 0 says nothing of the time, which a log tells no better than anyone (tlog-cosignature).
        return cosigner.cosign(checkpoint, 0)

    return sign


def _ed25519(path: Path) -> CheckpointSigner:
    key = load_key(path)

    def sign(checkpoint: Checkpoint) -> NoteSignature:
        return sign_note(checkpoint.text, checkpoint.origin, key)

    return sign
