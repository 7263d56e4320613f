"""What can go wrong with a backup."""

from __future__ import annotations

from node.errors import NodeError


class BackupError(NodeError):
    """A backup cannot be written or read where it should be."""


class DamagedBackup(BackupError):
    """A file of a backup is not what its manifest says."""

    exit_code = 4
