"""Images, made when they are asked for: looked at once, made into a pyramid if big, kept in a cache."""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar

from hashstore.digest import Digest
from node.config.iiif import IiifConfig
from node.iiif.cache import ImageCache
from node.iiif.decode.job import look, make_pyramid, render, written_plan
from node.iiif.decoders import Decoders
from node.iiif.facts import Facts, Fault, facts_document, read_facts
from node.iiif.plan import Box, Limits, Plan, canonical
from node.iiif.request import Version

T = TypeVar("T")

# Raised when what is made of an image changes, so that nobody keeps the old one.
_RENDERING: Final = 1
# A larger image is made into a pyramid: decoding it for each part would take too long.
BIG: Final = 4 << 20
# So much smaller, a whole big image is decoded directly: a gallery needs no pyramid.
_THUMBNAIL: Final = 4
_PATIENCE: Final = 25.0  # seconds that a request waits for a pyramid; it goes on being made
_FORGIVEN: Final = 600.0  # seconds after which an image that brought a decoder down is tried again
_MOST_FACTS: Final = 10_000
_SIDE: Final = 16_383  # the most that WebP can have


@cache
def rendering() -> str:
    """What pictures are made by; those made by another have other bytes."""
    return f"{_RENDERING}-{version('pyvips-binary')}"


class StillMaking(Exception):
    """A pyramid is being made; ask again."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made of an image."""

    path: Path
    size: int


class ImageService:
    """The images of one node, as one worker of its server shows them."""

    def __init__(self, folder: Path, config: IiifConfig, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins nothing yet.

        Args:
            folder: For what is made of images.
            config: What that may cost.
            clock: Seconds, from any start, never going back.
        """
        self.limits = Limits(_SIDE, config.most_sent)
        self.cache = ImageCache(folder / rendering(), config.cache_bytes, clock)
        self.decoders = Decoders(config)
        self._most_pixels = config.most_pixels
        self._clock = clock
        self._facts: OrderedDict[Digest, Facts | Fault] = OrderedDict()
        self._failed: dict[Digest, float] = {}
        self._under_way: dict[Path, asyncio.Task[Any]] = {}

    async def facts(self, digest: Digest, stored: str) -> Facts | Fault:
        """What an image is.

        Args:
            digest: The image.
            stored: Where its bytes lie.

        Raises:
            Busy: Too much waits.
        """
        if (at := self._failed.get(digest)) is not None:
            if self._clock() - at < _FORGIVEN:
                return Fault.TOO_COSTLY
            del self._failed[digest]
        if (known := self._facts.get(digest)) is not None:
            self._facts.move_to_end(digest)
            return known
        path = self.cache.path(digest, "facts.json")
        found = _read(path)
        if found is None:
            found = await self._once(path, partial(self._look, digest, stored, path))
        return self._remember(digest, found)

    async def picture(self, digest: Digest, stored: str, facts: Facts, made: Plan) -> Made | Fault:
        """A part of an image, as a file.

        Args:
            digest: The image.
            stored: Where its bytes lie.
            facts: What it is.
            made: What of it.

        Raises:
            Busy: Too much waits.
            StillMaking: A pyramid has to be made first, and that takes long.
        """
        name = canonical(made, Version.THREE, facts.width, facts.height, self.limits).replace("/", ";")
        path = self.cache.path(digest, name)
        try:
            kept = Made(path, path.stat().st_size)
        except OSError:
            return await self._once(path, partial(self._render, digest, stored, facts, made, path))
        self.cache.note(path)
        return kept

    async def _look(self, digest: Digest, stored: str, path: Path) -> Facts | Fault:
        order = {"path": stored, "most_pixels": self._most_pixels, "decoded": BIG}
        answer = await self.decoders.ask(look, order)
        found = Fault(answer["fault"]) if "fault" in answer else Facts(**answer)
        self._keep(digest, path, found)
        return found

    async def _render(
        self, digest: Digest, stored: str, facts: Facts, made: Plan, path: Path
    ) -> Made | Fault:
        order: dict[str, Any] = {"plan": written_plan(made), "target": str(path)}
        pyramid = self.cache.path(digest, "pyramid.tif")
        if pyramid.exists() or needs_pyramid(facts, made):
            if isinstance(fault := await self._pyramid(digest, stored, pyramid), Fault):
                return fault
            order |= {"pyramid": str(pyramid), "orientation": facts.orientation}
        order |= {"path": stored, "most_pixels": self._most_pixels}
        answer = await self.decoders.ask(render, order)
        if "fault" in answer:
            return self._fault(digest, Fault(answer["fault"]))
        self.cache.note(path, answer["size"])
        return Made(path, answer["size"])

    async def _pyramid(self, digest: Digest, stored: str, path: Path) -> Fault | None:
        if path.exists():
            self.cache.note(path)
            return None
        making = self._once(path, partial(self._make_pyramid, digest, stored, path))
        try:
            return await asyncio.wait_for(making, _PATIENCE)
        except TimeoutError:
            raise StillMaking from None

    async def _make_pyramid(self, digest: Digest, stored: str, path: Path) -> Fault | None:
        order = {"path": stored, "most_pixels": self._most_pixels, "target": str(path)}
        answer = await self.decoders.ask(make_pyramid, order, long=True)
        if "fault" in answer:
            return self._fault(digest, Fault(answer["fault"]))
        self.cache.note(path, answer["size"])
        return None

    def _fault(self, digest: Digest, fault: Fault) -> Fault:
        self._keep(digest, self.cache.path(digest, "facts.json"), fault)
        return self._remember(digest, fault)

    def _keep(self, digest: Digest, path: Path, found: Facts | Fault) -> None:
        if isinstance(found, Fault) and not found.lasting:
            return
        data = json.dumps(facts_document(found, digest.uri)).encode()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError:
            return  # a full disk; it is looked at again
        self.cache.note(path, len(data))

    def _remember(self, digest: Digest, found: T) -> T:
        if found is Fault.TOO_COSTLY:
            self._failed[digest] = self._clock()
        elif isinstance(found, Facts) or (isinstance(found, Fault) and found.lasting):
            self._facts[digest] = found
            if len(self._facts) > _MOST_FACTS:
                self._facts.popitem(last=False)
        return found

    async def _once(self, path: Path, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Whoever asks for a file that is being made waits for that; who goes away does not stop it."""
        task = self._under_way.get(path)
        if task is None:
            task = asyncio.get_running_loop().create_task(work())
            self._under_way[path] = task
            task.add_done_callback(lambda done: self._done(path, done))
        found: T = await asyncio.shield(task)
        return found

    def _done(self, path: Path, task: asyncio.Task[Any]) -> None:
        del self._under_way[path]
        if not task.cancelled():
            task.exception()  # seen, even if everybody who waited has gone


def needs_pyramid(facts: Facts, made: Plan) -> bool:
    """Whether all sizes of an image are to be made before a part of it is."""
    if facts.pixels <= BIG:
        return False
    whole = made.box == Box(0, 0, facts.width, facts.height)
    return not (whole and made.width * _THUMBNAIL <= facts.width)


def _read(path: Path) -> Facts | Fault | None:
    try:
        return read_facts(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return None
