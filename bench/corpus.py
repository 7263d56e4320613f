"""Files to work on: incompressible bytes from a fixed seed, so that every machine has the same."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.harness import say


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of `count` files of `size` bytes each."""

    folder: Path
    count: int
    size: int

    @property
    def bytes(self) -> int:
        """All of them together."""
        return self.count * self.size

    @property
    def title(self) -> str:
        """As it stands in the table."""
        size = f"{self.size / 1e6:.1f} MB" if self.size >= 1e6 else f"{self.size // 1024} KiB"
        return f"{self.count:,} files of {size}"


def corpus(work: Path, count: int, size: int, seed: int = 20240117) -> Corpus:
    """The corpus of this shape; made once, then found again.

    Raises:
        RuntimeError: If the disk has too little room for it and for four copies.
    """
    chance = random.Random(seed)
    wanted = Corpus(work / f"corpus-{count}x{size}-{seed}", count, size)
    return made_once(wanted, ".bin", lambda: chance.randbytes(size))


def made_once(wanted: Corpus, ending: str, content: Callable[[], bytes], copies: int = 5) -> Corpus:
    """A corpus whose files are made one after the other, unless its folder is there.

    Args:
        wanted: The corpus.
        ending: Of its files' names.
        content: Makes the bytes of the next file.
        copies: So many times the disk has to have room for it.

    Raises:
        RuntimeError: If the disk has too little room.
    """
    work = wanted.folder.parent
    if wanted.folder.is_dir():
        return wanted
    if shutil.disk_usage(work).free < copies * wanted.bytes:
        raise RuntimeError(
            f"{work} has no room for {wanted.title} {copies} times; choose another with --work"
        )
    say(f"making {wanted.title} ...")
    unfinished = wanted.folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for number in range(wanted.count):
        (unfinished / f"{number:06}{ending}").write_bytes(content())
    unfinished.rename(wanted.folder)
    return wanted


def digest_of(path: Path) -> str:
    """The SHA-256 of one file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_landed(root: Path, names: Sequence[str]) -> None:
    """See that every blob of these names lies under `root` with the bytes that belong to it.

    Raises:
        RuntimeError: If one does not.
    """
    for name in names:
        path = root / name[:2] / name[2:4] / name
        if not path.is_file() or digest_of(path) != name:
            raise RuntimeError(f"{path} does not hold the bytes that were to be added")
