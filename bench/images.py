"""Images to work on: the same photograph many times, each with bytes of its own behind its end."""

from __future__ import annotations

import io
import random
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from bench.corpus import Corpus, made_once

_WIDTH, _HEIGHT = 2400, 3600
_PICTURE = 1_150_000  # bytes of the picture at most; the rest is what tells the files apart


def images(work: Path, count: int, size: int = 1_200_000, seed: int = 20240117, copies: int = 5) -> Corpus:
    """JPEGs of 8.6 megapixels and of exactly this size; made once, then found again.

    Readers pass over what stands behind a JPEG's end, so decoding costs what it costs of any photograph.

    Raises:
        RuntimeError: If the disk has too little room for them, so many times.
    """
    wanted = Corpus(work / f"images-{count}x{size}-{seed}", count, size)
    picture = cache(lambda: _picture(seed))  # drawn only where they are not there yet
    chance = random.Random(seed)
    return made_once(wanted, ".jpg", lambda: picture() + chance.randbytes(size - len(picture())), copies)


def _picture(seed: int) -> bytes:
    """The largest JPEG of a rough surface that fits."""
    chance = np.random.default_rng(seed)
    rough = chance.normal(128, 40, (_HEIGHT // 4, _WIDTH // 4, 3)).clip(0, 255).astype(np.uint8)
    surface = Image.fromarray(rough).resize((_WIDTH, _HEIGHT), Image.Resampling.BICUBIC)
    for quality in range(95, 5, -5):
        out = io.BytesIO()
        surface.save(out, "JPEG", quality=quality)
        if out.tell() <= _PICTURE:
            return out.getvalue()
    raise AssertionError("no quality makes it small enough")
