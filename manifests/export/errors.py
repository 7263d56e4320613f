"""What can go wrong with an export or with its import."""

from __future__ import annotations

from manifests.errors import ManifestError
from manifests.export.model import Failure


class ExportRefused(ManifestError):
    """An export cannot be begun or gone on with: its place is taken, or the format lacks what it needs."""


class MembersLost(ManifestError):
    """Members of the dataset cannot be handed over; nothing of the export can be seen at its place."""

    def __init__(self, failures: tuple[Failure, ...]) -> None:
        first = failures[0]
        super().__init__(
            f"{len(failures):,} members cannot be exported; the first: {first.digest} {first.words}"
        )
        self.failures = failures


class PlaceUnusable(ManifestError):
    """The place of an export cannot be read or written: no room, no permission, an I/O error."""


class DamagedExport(ManifestError):
    """An export is not what its manifest says."""
