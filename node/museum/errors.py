"""What can go wrong with the synthetic museum."""

from __future__ import annotations

from pathlib import Path

from node.errors import NodeError


class MuseumError(NodeError):
    """The museum could not be built or opened."""


class CatalogueError(MuseumError):
    """A row of the museum's own catalogue does not make sense."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(
            f"specimens.tsv, line {line}: {reason}. Mend that row; the other rows tell what is meant."
        )
        self.line = line


class UnknownVersion(MuseumError):
    """The museum exists in versions 1 and 2 only."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the museum has versions 1 and 2, not {version}; open it with version=1 or 2")
        self.version = version


class MuseumClosed(MuseumError):
    """The museum has no address, because it is not open."""

    def __init__(self) -> None:
        super().__init__("the museum is closed; use it inside `with Museum(directory) as museum:`")


class PortTaken(MuseumError):
    """The museum cannot listen on the port it was given."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(
            f"cannot listen on 127.0.0.1:{port} ({reason}); choose another port, or 0 for any free one"
        )
        self.port = port


class UnusableDirectory(MuseumError):
    """The drawings cannot be kept in the directory that was given."""

    def __init__(self, directory: Path, reason: str) -> None:
        super().__init__(
            f"cannot keep the museum's drawings in {directory} ({reason}); give a directory you can write to"
        )
        self.directory = directory
