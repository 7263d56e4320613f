"""libvips, held to what is needed here: few decoders, no threads of its own, no memory of earlier work."""

from __future__ import annotations

import os
from functools import cache
from types import ModuleType
from typing import Final

_LOADERS: Final = ("Jpeg", "Png", "Tiff", "Webp", "Nsgif", "Heif")


@cache
def library() -> ModuleType:
    """The library, set up."""
    # There is a process for each processor; threads beside would only wait for each other.
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    import pyvips

    # Whoever finds a way to have another loader called finds it locked.
    pyvips.operation_block_set("VipsForeignLoad", True)
    for name in _LOADERS:
        pyvips.operation_block_set(f"VipsForeignLoad{name}", False)
    pyvips.cache_set_max(0)
    found: ModuleType = pyvips
    return found
