"""How long each stage of a conversion took."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from types import MappingProxyType


class Stages:
    """A stopwatch with named laps."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        begin = perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + perf_counter() - begin

    @property
    def seconds(self) -> Mapping[str, float]:
        """Seconds by stage."""
        return MappingProxyType(dict(self._seconds))
