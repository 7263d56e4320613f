"""Images to work on: the same photograph many times, each with bytes of its own behind its end."""

from __future__ import annotations

import io
import random
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from bench.corpus import Corpus
from bench.harness import say

_WIDTH, _HEIGHT = 2400, 3600
_PICTURE = 1_150_000  # bytes of the picture at most; the rest is what tells the files apart


def images(work: Path, count: int, size: int = 1_200_000, seed: int = 20240117) -> Corpus:
    """JPEGs of 8.6 megapixels and of exactly this size; made once, then found again.

    Readers pass over what stands behind a JPEG's end, so decoding costs what it costs of any photograph.

    Raises:
        RuntimeError: If the disk has too little room for them and for four copies.
    """
    made = Corpus(work / f"images-{count}x{size}-{seed}", count, size)
    if made.folder.is_dir():
        return made
    if shutil.disk_usage(work).free < 5 * made.bytes:
        raise RuntimeError(f"{work} has no room for {made.title} five times; choose another with --work")
    say(f"making {made.title} ...")
    unfinished = made.folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    picture, chance = _picture(seed), random.Random(seed)
    for number in range(count):
        (unfinished / f"{number:06}.jpg").write_bytes(picture + chance.randbytes(size - len(picture)))
    unfinished.rename(made.folder)
    return made


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
