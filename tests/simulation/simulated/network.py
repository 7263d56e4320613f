"""A network in memory that drops, delays, reorders and duplicates, as its seed decides.

A request is a call. While it or its answer is under way, other events of the world may happen (`meanwhile`),
so that an answer can be late and what two requests see can be of different times. An answer can also be one
that was given before: to the same question (a cache, a duplicate) or to another one (out of order).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from hashstore.digest import Digest
from node.peers.client import PeerMisbehaved, PeerUnreachable, Refusal, UnexpectedStatus
from node.peers.link import Answer
from simulated.disk import Crashed


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and by whom.

    Attributes:
        source: Number of the node that asks.
        path: Of the URL.
        body: What is sent; empty for GET.
    """

    source: int
    path: str
    body: bytes = b""


class Server(Protocol):
    """A node as others see it."""

    @property
    def is_up(self) -> bool: ...

    def serve(self, request: Request) -> bytes | int:
        """The body, or the status where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Weather:
    """How likely each fault is, at each request; `busy`, that a machine cannot examine what came."""

    drop: float = 0.0
    cut: float = 0.0
    stale: float = 0.0
    astray: float = 0.0
    late: float = 0.0
    busy: float = 0.0


@dataclass(slots=True)
class Network:
    """Who can be reached, and how badly.

    Attributes:
        rng: Decides everything.
        servers: The nodes by number.
        meanwhile: Lets something else happen.
        weather: The faults.
        parted: Pairs of nodes, smaller number first, that do not reach each other.
    """

    rng: Random
    servers: list[Server]
    meanwhile: Callable[[], None]
    weather: Weather = field(default_factory=Weather)
    parted: set[tuple[int, int]] = field(default_factory=set)
    _given: dict[tuple[int, Request], bytes | int] = field(default_factory=dict)
    _last: dict[tuple[int, int], bytes | int] = field(default_factory=dict)

    def ask(self, target: int, request: Request) -> tuple[bytes | int, int | None]:
        """An answer, and after how many bytes it breaks off, if it does.

        Raises:
            PeerUnreachable: none comes.
        """
        if not self.servers[request.source].is_up:
            raise Crashed  # it died while it waited
        pair = (min(target, request.source), max(target, request.source))
        self._perhaps_late()
        if pair in self.parted or not self.servers[target].is_up or self._happens(self.weather.drop):
            raise PeerUnreachable(f"{url_of(target)}{request.path}: no answer.")
        answer = self.servers[target].serve(request)
        self._perhaps_late()
        answer = self._mixed_up(target, request, answer)
        cut = None
        if isinstance(answer, bytes) and answer and self._happens(self.weather.cut):
            cut = self.rng.randrange(len(answer))
        return answer, cut

    def _mixed_up(self, target: int, request: Request, answer: bytes | int) -> bytes | int:
        place, line = (target, request), (request.source, target)
        earlier, other = self._given.get(place, answer), self._last.get(line, answer)
        self._given[place] = self._last[line] = answer
        if self._happens(self.weather.stale):
            return earlier
        return other if self._happens(self.weather.astray) else answer

    def _perhaps_late(self) -> None:
        if self._happens(self.weather.late):
            self.meanwhile()

    def _happens(self, likelihood: float) -> bool:
        return likelihood > 0 and self.rng.random() < likelihood


def url_of(number: int) -> str:
    """The base URL of a node."""
    return f"http://node{number}"


class _Body(io.BytesIO):
    """An answer that may break off, with an error or as if it were whole."""

    def __init__(self, data: bytes, cut: int | None, loud: bool) -> None:
        super().__init__(data if cut is None else data[:cut])
        self._breaks = cut is not None and loud

    def read(self, amount: int | None = -1, /) -> bytes:
        data = super().read(amount)
        if self._breaks and amount is not None and len(data) < amount:
            raise PeerUnreachable("The connection broke off.")
        return data


class Link:
    """One node's line to another (`node.peers.link.PeerLink`)."""

    def __init__(self, network: Network, source: int, target: int) -> None:
        self.url = url_of(target)
        self._network, self._source, self._target = network, source, target

    def get(self, path: str, most: int) -> bytes | Refusal:
        with self.answer("GET", path, most=most) as answer:
            if isinstance(answer, Refusal):
                return answer
            data = answer.read(most + 1)
            if len(data) > most:
                raise PeerMisbehaved(f"{self.url}{path} gave more than {most:,} bytes.")
            return data

    @contextmanager
    def answer(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        most: int,
        headers: dict[str, str] | None = None,
    ) -> Iterator[Answer | Refusal]:
        found, cut = self._network.ask(self._target, Request(self._source, path, body or b""))
        if isinstance(found, bytes) and (headers or {}).get("if-none-match") == f'"{Digest.of(found).hex}"':
            yield Refusal(304)
        elif isinstance(found, bytes):
            # http.client tells a body that broke off from a whole one in one framing and not in the other.
            yield _Body(found, cut, loud=cut is not None and self._network.rng.random() < 0.5)
        elif found in (404, 410):
            yield Refusal(found)
        else:
            raise UnexpectedStatus(f"{self.url}{path} answered with status {found}.")

    def close(self) -> None:
        pass
