"""What was made of images that are not shown any more goes, as soon as that is known."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from hashstore.digest import Digest
from node.iiif.cache import ImageCache
from node.iiif.service import rendering


def sweep(folder: Path, shown: Callable[[Digest], bool]) -> int:
    """Remove what was made of hidden images, and by other versions of what makes it.

    Args:
        folder: Where the node keeps what is made of images.
        shown: Whether an image may be shown to the public.

    Returns:
        Of how many images something was removed.
    """
    if not folder.is_dir():
        return 0
    for other in folder.iterdir():
        if other.name != rendering():
            shutil.rmtree(other, ignore_errors=True)
    cache = ImageCache(folder / rendering(), 0)
    hidden = [digest for digest in cache.digests() if not shown(digest)]
    for digest in hidden:
        cache.forget(digest)
    return len(hidden)
