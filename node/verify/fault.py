"""One thing wrong with a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hashstore.digest import Digest


@dataclass(frozen=True, slots=True)
class NodeFault:
    """What is wrong, and where.

    Attributes:
        part: `store`, `statement`, `segment`, `log`, `key`, `index` or `journal`.
        kind: `bad`, `missing` or `foreign`.
        path: The file, relative to the node's folder where it lies inside it.
        message: What is wrong and what to do, for a curator.
        digest: What the bytes should have, if they have a digest.
    """

    part: str
    kind: str
    path: str
    message: str
    digest: Digest | None = None

    def fields(self) -> dict[str, Any]:
        """The fault as a JSON object."""
        return {
            "type": "fault",
            "part": self.part,
            "kind": self.kind,
            "path": self.path,
            "digest": self.digest.uri if self.digest else None,
            "message": self.message,
        }
