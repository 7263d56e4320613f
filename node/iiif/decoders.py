"""The processes in which images are decoded: kept, watched, and replaced when an image brings one down."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

from analyzers.engine.pool import Allowance, WorkerDied, WorkerPool
from node.config.iiif import IiifConfig
from node.iiif.facts import Fault

_START: Final = 20.0  # seconds in which a process has to begin
_MOST_WAITING: Final = 256
_LOG: Final = logging.getLogger("vasculum.iiif")

Order = dict[str, Any]


class Busy(Exception):
    """So much waits already that nobody would wait for more."""


class Decoders:
    """The processes of one worker of the server; none is begun before it is needed."""

    def __init__(self, config: IiifConfig) -> None:
        """Begins nothing yet.

        Args:
            config: How many processes, and what each may use.
        """
        self._config = config
        self._waiting = 0

    async def ask(self, work: Callable[[Order], Order], order: Order, *, long: bool = False) -> Order:
        """Have something done; what its process dies over is answered as a fault.

        Args:
            work: A function of `node.iiif.decode.job`.
            order: What it is given.
            long: Whether it takes minutes: a process of its own does that, so that others need not wait.

        Raises:
            Busy: Too much waits.
        """
        if self._waiting >= _MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.wrap_future((self._patient if long else self._quick).submit(work, order))
        except WorkerDied as error:
            _LOG.warning("An image brought its decoder down: %s (%s)", error, order.get("path"))
            return {"fault": Fault.TOO_COSTLY.value}
        finally:
            self._waiting -= 1

    @property
    def processes(self) -> tuple[int, ...]:
        """The numbers of the processes that run."""
        return (*self._quick.processes, *self._patient.processes)

    def close(self) -> None:
        """End them."""
        for name in ("_quick", "_patient"):
            if name in self.__dict__:
                self.__dict__[name].shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _quick(self) -> WorkerPool:
        allowance = Allowance(self._config.memory, self._config.seconds)
        return WorkerPool(self._config.decoders or os.cpu_count() or 1, allowance, _START)

    @cached_property
    def _patient(self) -> WorkerPool:
        return WorkerPool(1, Allowance(self._config.memory, self._config.pyramid_seconds), _START)
