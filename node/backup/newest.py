"""The newest head of the own log that others know, out of the checkpoints that they hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from node.backup.errors import BackupError, DamagedBackup
from provenance.errors import ProvenanceError
from provenance.keys import VerifierKey
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.reader import LogReader


@dataclass(frozen=True, slots=True)
class Known:
    """A checkpoint that somebody holds.

    Attributes:
        where: From whom it is, for a curator.
        data: The signed note.
        checkpoint: What it says; its signature is right.
    """

    where: str
    data: bytes
    checkpoint: Checkpoint


def read_known(where: str, data: bytes, key: VerifierKey, former: Iterable[VerifierKey] = ()) -> Known:
    """Read a checkpoint of this log.

    Args:
        where: From whom it is, for a curator.
        data: The signed note.
        key: The log's key.
        former: Keys that it had before.

    Raises:
        BackupError: It is none, another log's, or not signed by a key of this log.
    """
    try:
        checkpoint = open_checkpoint(data, key, *former)
    except ProvenanceError as error:
        raise BackupError(
            f"{where} holds no checkpoint that {key.name} has signed as this folder knows it: {error} If its "
            "key was changed after the backup, others know more of the log: fetch the rest from a peer."
        ) from error
    if checkpoint.origin != key.name:
        raise BackupError(f"{where} is a checkpoint of {checkpoint.origin}, not of {key.name}.")
    return Known(where, data, checkpoint)


def newest_of(known: Iterable[Known], log: LogReader) -> Known:
    """The biggest of some checkpoints, once all of them fit the log in this folder as far as it goes.

    Raises:
        DamagedBackup: Two of them, or one and the log, contradict each other: the log has been forked.
    """
    given = sorted(known, key=lambda one: one.checkpoint.head.size)
    size = log.head().size
    for one, other in pairwise(given):
        if one.checkpoint.head.size == other.checkpoint.head.size and one.checkpoint != other.checkpoint:
            raise DamagedBackup(_forked(one.where, other.where))
    for one in given:
        if 0 < one.checkpoint.head.size <= size:
            try:
                log.consistency(one.checkpoint.head)
            except ProvenanceError as error:
                raise DamagedBackup(f"{_forked(one.where, 'this node')} ({error})") from error
    return given[-1]


def _forked(one: str, other: str) -> str:
    return (
        f"The checkpoints of {one} and of {other} contradict each other: this log has been forked. Keep "
        "both as proof, sign nothing, and succeed the log."
    )
