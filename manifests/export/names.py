"""Names of files and folders that are safe everywhere: digests, or labels without what could harm."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from manifests.dataset.member import Member

_ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/tiff": "tif",
    "image/jp2": "jp2",
    "image/bmp": "bmp",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/jxl": "jxl",
}
UNLABELLED: Final = "unlabelled"
UNSPLIT: Final = "all"
_HARMLESS: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9_-])?", re.ASCII)
_HARMFUL: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_MARK: Final = re.compile(r".*-[0-9a-f]{8}", re.ASCII)
# Windows keeps these for devices, whatever ending follows.
_DEVICES: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.ASCII)
_LONGEST: Final = 100


def ending(media_type: str) -> str:
    """The ending of a file of that media type; `bin` of one that is not known."""
    return _ENDINGS.get(media_type.partition(";")[0].strip().lower(), "bin")


def image_name(member: Member) -> str:
    """The name of a member's file: its digest and the ending of its type."""
    return f"{member.digest.hex}.{ending(member.media_type)}"


def split_name(split: str | None) -> str:
    """The name of a split; one for members that have none."""
    return split or UNSPLIT


def class_folders(labels: Iterable[str | None]) -> Mapping[str | None, str]:
    """A folder's name for each label; no two are the same, also where case is not told apart.

    A label of ASCII letters, digits, blanks, points, dashes and underscores is its own name. Any other keeps
    what it has of these and gets eight digits of its SHA-256.
    """
    wanted = {label: _plain(label) for label in labels}
    counted = Counter(name.lower() for name in wanted.values())
    return {
        label: name if _may_stay(label, name) and counted[name.lower()] == 1 else _marked(label, name)
        for label, name in wanted.items()
    }


def _plain(label: str | None) -> str:
    """What a name may keep of a label."""
    text = UNLABELLED if label is None else label
    if len(text) <= _LONGEST and _HARMLESS.fullmatch(text):
        return text
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _HARMFUL.sub("_", ascii_only)[: _LONGEST - 9].strip("._-") or "class"


def _may_stay(label: str | None, name: str) -> bool:
    # One that looks as if it were marked could be that of another label.
    return name == (label or UNLABELLED) and not _DEVICES.fullmatch(name) and not _MARK.fullmatch(name)


def _marked(label: str | None, name: str) -> str:
    # The mark of no label must differ from that of a label "unlabelled".
    told = b"\0" if label is None else label.encode("utf-8", "replace")
    return f"{name}-{hashlib.sha256(told).hexdigest()[:8]}"
