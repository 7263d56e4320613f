"""What was found out of an image by reading its header, or why it cannot be shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from node.iiif.geometry import SIDEWAYS

_VERSION: Final = 1


class Fault(StrEnum):
    """Why an image cannot be shown."""

    NOT_UNDERSTOOD = "not-understood"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    TOO_COSTLY = "too-costly"  # what decodes it died over it, or was stopped
    NO_ROOM = "no-room"  # the fault of this machine's disk, and none of the image

    @property
    def lasting(self) -> bool:
        """Whether it would be found again."""
        return self not in (Fault.TOO_COSTLY, Fault.NO_ROOM)


@dataclass(frozen=True, slots=True)
class Facts:
    """An image.

    Attributes:
        kind: In which format it is stored.
        stored_width: Pixels of a stored row.
        stored_height: How many rows are stored.
        orientation: EXIF's Orientation, 1 to 8.
    """

    kind: str
    stored_width: int
    stored_height: int
    orientation: int

    @property
    def width(self) -> int:
        """Of the upright picture, in pixels."""
        return self.stored_height if self.orientation in SIDEWAYS else self.stored_width

    @property
    def height(self) -> int:
        """Of the upright picture, in pixels."""
        return self.stored_width if self.orientation in SIDEWAYS else self.stored_height

    @property
    def pixels(self) -> int:
        """How many it has."""
        return self.stored_width * self.stored_height


def facts_document(found: Facts | Fault, uri: str) -> dict[str, Any]:
    """As it is kept beside what is made of the image.

    Args:
        found: What was found out.
        uri: The image.
    """
    said = {"fault": found.value} if isinstance(found, Fault) else asdict(found)
    return {"version": _VERSION, "wasDerivedFrom": uri, **said}


def read_facts(document: Mapping[str, Any]) -> Facts | Fault | None:
    """Read that again; None if another version wrote it, or it is damaged."""
    try:
        if document["version"] != _VERSION:
            return None
        if "fault" in document:
            return Fault(document["fault"])
        return Facts(
            str(document["kind"]),
            int(document["stored_width"]),
            int(document["stored_height"]),
            int(document["orientation"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
