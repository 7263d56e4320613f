"""What a path under /iiif/ names: an image, its description, or a part of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from node.iiif.request import Version

PREFIX: Final = "/iiif/"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for.

    Attributes:
        version: By which version of the Image API.
        digest: Of the image.
        rest: What stands behind it: nothing, `info.json`, or the four parts of a request for an image.
    """

    version: Version
    digest: Digest
    rest: tuple[str, ...]

    @property
    def path(self) -> str:
        """The path of the image, without what stands behind it."""
        return f"{PREFIX}{self.version}/{self.digest.hex}"

    @property
    def is_info(self) -> bool:
        """Whether the description is asked for."""
        return self.rest == ("info.json",)

    @property
    def is_base(self) -> bool:
        """Whether the image itself is named, from which a client is sent to its description."""
        return not self.rest


def target(path: str) -> Target | None:
    """Read a path; None if it names nothing here.

    Args:
        path: The path of a URL, its percent-encoding undone.
    """
    version, _, rest = path.removeprefix(PREFIX).partition("/")
    name, *parts = rest.split("/")
    if version not in tuple(Version) or len(name) != 64:
        return None
    try:
        digest = Digest.parse(name)
    except MalformedDigest:
        return None
    known = parts in ([], [""], ["info.json"]) or len(parts) == 4
    # A URI that is spelled otherwise would be another one for every cache.
    if not known or digest.hex != name:
        return None
    return Target(Version(version), digest, tuple(filter(None, parts)) if len(parts) == 1 else tuple(parts))
