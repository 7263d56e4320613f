"""What pages load: each file under an address that names its content, so that it may be kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from hashstore.digest import Digest

FOLDER: Final = Path(__file__).with_name("static")
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load.

    Attributes:
        content: Its bytes.
        media_type: What they are.
    """

    content: bytes
    media_type: str


class Assets:
    """All that is loaded by pages of one process."""

    def __init__(self, made: Mapping[str, Asset] = MappingProxyType({})) -> None:
        """Reads them.

        Args:
            made: What is no file, by name.
        """
        files = {path.name: _read(path) for path in sorted(FOLDER.rglob("*")) if path.suffix in _MEDIA_TYPES}
        self._addresses: dict[str, str] = {}
        self._by_address: dict[str, Asset] = {}
        for name, asset in (files | dict(made)).items():
            address = f"{Digest.of(asset.content).hex[:_DIGITS]}/{name}"
            self._addresses[name] = address
            self._by_address[address] = asset

    def url(self, name: str) -> str:
        """Where a file is.

        Raises:
            KeyError: there is none of that name; what npm gives is brought by the build.
        """
        return f"/static/{self._addresses[name]}"

    def find(self, address: str) -> Asset | None:
        """The file at an address below `/static/`; None if there is none, or another one by now."""
        return self._by_address.get(address)


def _read(path: Path) -> Asset:
    return Asset(path.read_bytes(), _MEDIA_TYPES[path.suffix])
