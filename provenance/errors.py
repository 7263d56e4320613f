"""What can go wrong with keys, statements, logs and citations; each error says where and what to do next."""

from __future__ import annotations


class ProvenanceError(Exception):
    """The root of every error that this package raises."""


class KeyMaterialError(ProvenanceError):
    """A key, or a file that should hold one, cannot be used."""


class MalformedKey(KeyMaterialError):
    """The text is no Ed25519 did:key, multibase key or C2SP verifier key."""


class VerificationError(ProvenanceError):
    """What was checked is not what its signature or its root commits to."""


class BadSignature(VerificationError):
    """A signature does not belong to these bytes and this key."""


class BadKeyChange(VerificationError):
    """A log's keys are changed, revoked or inherited in a way that its key history does not allow."""


class BadRequest(ProvenanceError):
    """What was sent to a witness is not in the form that tlog-witness asks for."""


class NoContradiction(VerificationError):
    """What is shown as a proof of equivocation proves none."""


class ContextError(ProvenanceError):
    """A JSON-LD context is not among the bundled ones, or its file is missing or changed."""


class StatementError(ProvenanceError):
    """A statement cannot be issued, read or verified."""


class MalformedStatement(StatementError):
    """The document breaks a rule of spec/statements.md."""


class UnsupportedProof(StatementError):
    """A proof is of a suite, or names a key, that this version cannot check."""


class RdfTimeout(StatementError):
    """Turning a document into RDF took longer, or more memory, than its box allows."""


class LogError(ProvenanceError):
    """A log cannot be read, extended or signed."""


class MalformedLeaf(LogError):
    """The bytes are no canonical leaf record."""


class MalformedNote(LogError):
    """The bytes are no signed note or no checkpoint (C2SP signed-note, tlog-checkpoint)."""


class CorruptLog(LogError, VerificationError):
    """A file of the log is missing, or differs from what the tree head commits to."""


class MissingLock(LogError):
    """The log has entries but its lock file is gone: signing now could fork it."""


class StaleLock(LogError, VerificationError):
    """The lock file is behind, or beside, the published checkpoint: it was restored from a backup."""


class LostRace(LogError):
    """The tree head changed under an append that did not expect it."""


class GraphError(ProvenanceError):
    """A graph cannot be written in, or read from, the form asked for."""


class BundleError(ProvenanceError):
    """A citation bundle cannot be built from these parts."""
