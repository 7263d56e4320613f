"""How large pictures are: by what was read of them before, or by their headers, read in a box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawlers.box import BoxError, BoxLimits, run_boxed
from hashstore.canonical import Json
from hashstore.digest import Digest
from node.compose import Node
from node.index import Index

_KNOWN = (
    "SELECT DISTINCT digest, width, height FROM picture "
    "WHERE digest IN (SELECT unnest(?)) AND access = 'public' AND width IS NOT NULL"
)
_BATCH = 500
_LIMITS = BoxLimits(address_space=4 << 30, cpu=120, wall=180.0)

Size = tuple[int, int]


def sizes_of(node: Node, index: Index, digests: Iterable[Digest]) -> dict[Digest, Size]:
    """Width and height of upright pictures, in pixels; those that are not here or unreadable are left out."""
    wanted = sorted(set(digests))
    rows = index.rows(_KNOWN, [[one.raw for one in wanted]])
    found = {Digest(row["digest"]): (int(row["width"]), int(row["height"])) for row in rows}
    unread = [one for one in wanted if one not in found and node.store.contains(one)]
    for start in range(0, len(unread), _BATCH):
        batch = unread[start : start + _BATCH]
        sizes = _measured([str(node.store.path(one)) for one in batch])
        found |= {one: size for one, size in zip(batch, sizes, strict=True) if size is not None}
    return found


def _measured(paths: Sequence[str]) -> list[Size | None]:
    try:
        answer = run_boxed("node.review.sizes:headers", {"paths": list(paths)}, _LIMITS)
    except BoxError:
        return [None] if len(paths) == 1 else [size for path in paths for size in _measured([path])]
    assert isinstance(answer, list)
    return [_size(one) for one in answer]


def _size(answer: Json) -> Size | None:
    if not isinstance(answer, list):
        return None
    width, height = answer
    assert isinstance(width, int)
    assert isinstance(height, int)
    return width, height


def headers(paths: Sequence[str]) -> list[Json]:
    """In the box: `[width, height]` of each upright picture, or null."""
    from pathlib import Path

    from analyzers.errors import UnreadablePicture
    from analyzers.picture.picture import Picture

    found: list[Json] = []
    for path in paths:
        data = Path(path).read_bytes()
        try:
            found.append(list(Picture(Digest.of(data), data).size))
        except UnreadablePicture:
            found.append(None)
    return found
