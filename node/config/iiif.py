"""`[iiif]` of node.toml: how images are shown in parts and sizes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IiifConfig:
    """What showing images may cost.

    Attributes:
        cache_bytes: What is made of images takes so much of the disk; the least recently used gives way.
        decoders: Processes that decode, for each worker of the server; 0 for as many as there are processors.
        memory: Bytes of address space that each of them may have.
        seconds: In which a part of an image has to be made.
        pyramid_seconds: In which all sizes of a big image have to be made, once.
        most_pixels: An image with more is not opened.
        most_sent: Pixels that are sent at once at most.
    """

    cache_bytes: int = 20 * 1024**3
    decoders: int = 0
    memory: int = 4 * 1024**3
    seconds: float = 20.0
    pyramid_seconds: float = 600.0
    most_pixels: int = 1 << 32
    most_sent: int = 1 << 25
