"""Five nodes, a bad network and a seed: the same seed makes the same world, event for event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from simulated.disk import Crashed
from simulated.laws import Broken, Laws
from simulated.liar import Liar
from simulated.material import NODES, Block, crawl, description, filler
from simulated.network import Network, Weather
from simulated.peer import SimulatedPeer

EVENTS = 30
ROUNDS = 8  # in clear weather; the longest way from an owner to a follower takes four
CRAWLS = 4  # of one history at most
_DEEPEST = 2  # events that happen while others are under way


class World:
    """One run.

    Attributes:
        seed: What it is made from.
        trace: What happened, in words.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.trace: list[str] = []
        self._rng = rng = Random(seed)
        liars = rng.sample(range(NODES), rng.choice((0, 1, 1, 2, 2)))
        self.peers = [(Liar if n in liars else SimulatedPeer)(n, rng) for n in range(NODES)]
        for number in liars:
            self._say(f"node{number} is hostile: {getattr(self.peers[number], 'malice', None)}")
        self.laws = Laws(self.peers)
        self._network = Network(rng, list(self.peers), self._meanwhile)
        self._depth = 0
        self._crawls = [[0, 0] for _ in range(NODES)]
        self._choose_peers()
        # Hostile nodes act twice as often: what they do is what is to be seen.
        self._actors = [*self.peers, *(self.peers[number] for number in liars)]

    def run(self) -> None:
        """Live through it.

        Raises:
            Broken: a law does not hold; the message has the seed and the trace.
        """
        with self._told():
            for peer in self.peers:
                peer.publish(description(peer.number))
                if self._rng.random() < 0.05:
                    peer.publish(filler(peer.number))
                if isinstance(peer, Liar) and self._rng.random() < 0.4:
                    self._deceive(peer)
            self._network.weather = self._bad_weather()
            for _ in range(EVENTS):
                self._event()
            self._heal()
            for reader in self._honest():
                for number in reader.follows:
                    self.laws.hold_at_last(reader, number)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            trace = "\n".join(self.trace)
            raise Broken(
                f"seed {self.seed}: {type(error).__name__}: {error}\n{trace}\n"
                f"Again: SIMULATION_SEED={self.seed} pytest tests/simulation"
            ) from error

    def _choose_peers(self) -> None:
        """Who follows whom and asks whom: from each honest follower honest nodes lead to the owner."""
        for owner in self.peers:
            others = [peer for peer in self.peers if peer is not owner]
            followers = self._rng.sample(others, self._rng.randint(1, NODES - 1))
            sources = [owner.number]
            for follower in followers:
                follower.follows.append(owner.number)
                follower.peers.append(self._rng.choice(sources))
                if follower.is_honest:
                    sources.append(follower.number)
        for peer in self.peers:
            strangers = [number for number in range(NODES) if number not in (peer.number, *peer.peers)]
            peer.peers += self._rng.sample(strangers, self._rng.randint(0, len(strangers)))
            peer.peers = list(dict.fromkeys(peer.peers))
            peer.packs = self._rng.random() < 0.8
            self._say(f"node{peer.number} follows {sorted(peer.follows)} and asks {sorted(peer.peers)}")

    def _bad_weather(self) -> Weather:
        choice = self._rng.choice
        return Weather(
            drop=choice((0.0, 0.05, 0.3)),
            cut=choice((0.0, 0.05, 0.2)),
            stale=choice((0.0, 0.05, 0.3)),
            astray=choice((0.0, 0.02, 0.1)),
            late=choice((0.0, 0.05, 0.1)),
            busy=choice((0.0, 0.0, 0.3)),
        )

    def _meanwhile(self) -> None:
        if self._depth < _DEEPEST:
            self._depth += 1
            self._event()
            self._depth -= 1

    def _event(self) -> None:
        peer = self._rng.choice(self._actors)
        match self._rng.randrange(20):  # most of the time somebody syncs
            case 0 | 1 | 2 | 3 | 4:
                for _ in range(1 if peer.is_honest else self._rng.randint(1, 4)):
                    self._publish(peer)
            case 5 | 6:
                peer.disk.dies_in = self._rng.randrange(12)
            case 7 | 8:
                self._restart(peer)
            case 9:
                pair = sorted(self._rng.sample(range(NODES), 2))
                self._network.parted ^= {(pair[0], pair[1])}
            case 10 | 11 if isinstance(peer, Liar):
                self._deceive(peer)
            case _:
                self._sync(peer)

    def _deceive(self, liar: Liar) -> None:
        if liar.is_up and liar.fork():
            self._say(f"node{liar.number} forks its log at {len(liar.branches[0].leaves)} leaves")
            for history in range(2):
                liar.writes_to = history
                self._publish(liar)
            liar.writes_to = None
        liar.change_its_mind()

    def _publish(self, peer: SimulatedPeer) -> None:
        if not peer.is_up:
            return
        if peer.is_honest and peer.branches[0].revoked is None and self._rng.random() < 0.12:
            with self._may_die(peer):
                self._say(f"node{peer.number} publishes {peer.rotate().name}")
            return
        block = self._next_block(peer)
        if block is None:
            return
        self._say(f"node{peer.number} publishes {block.name}")
        with self._may_die(peer):
            peer.publish(block)

    def _next_block(self, peer: SimulatedPeer) -> Block | None:
        if (
            isinstance(peer, Liar)
            and self._rng.random() < 0.85
            and (block := peer.next_forgery()) is not None
        ):
            return block
        places = self._crawls[peer.number]
        history = self._rng.randrange(2) if len(peer.branches) > 1 else 0
        if places[history] >= CRAWLS:
            return None
        places[history] += 1
        rotated = peer.branches[0].revoked is not None
        return crawl(peer.number, "mo"[history], places[history] - 1, rotated)

    def _sync(self, peer: SimulatedPeer) -> None:
        if not peer.is_up or peer.is_busy:
            return
        peer.is_busy = True
        for number in peer.follows:
            with self._may_die(peer):
                result = peer.sync(self._network, number)
                if result is not None and (result.new or result.trouble or result.frozen):
                    self._say(
                        f"node{peer.number} syncs the log of node{number}: {result.new} new, taken "
                        f"{result.taken} of {result.size}. {result.frozen or ' '.join(result.trouble)}"
                    )
                if result is not None and result.frozen and peer.is_honest:
                    fair = self._network.weather == Weather()
                    self.laws.proves(peer, number, result, fair=fair)
            if peer.is_honest:
                self.laws.hold(peer, number)
            if _has_died(peer):
                break
        peer.is_busy = False

    @contextmanager
    def _may_die(self, peer: SimulatedPeer) -> Iterator[None]:
        try:
            yield
        except Crashed:
            peer.is_up = False
            self._say(f"node{peer.number} dies")

    def _restart(self, peer: SimulatedPeer) -> None:
        if not peer.is_up and not peer.is_busy:
            peer.restart()
            self._say(f"node{peer.number} starts again")

    def _heal(self) -> None:
        self._say("messages flow again")
        self._network.weather, self._network.parted = Weather(), set()
        for peer in self.peers:
            peer.restart()
        for _ in range(ROUNDS):
            before = self._state()
            for peer in self._rng.sample(self.peers, NODES):
                self._sync(peer)
            if self._state() == before:
                break  # in clear weather honest nodes have told each other everything

    def _state(self) -> list[object]:
        return [
            (peer.notes.taken(origin.who.origin), peer.mirror(origin.number).head(), len(peer.notes.frozen))
            for peer in self._honest()
            for origin in self.peers
        ]

    def _honest(self) -> list[SimulatedPeer]:
        return [peer for peer in self.peers if peer.is_honest]

    def _say(self, text: str) -> None:
        self.trace.append("  " * getattr(self, "_depth", 0) + text)


def _has_died(peer: SimulatedPeer) -> bool:
    return not peer.is_up


def live_through(seed: int) -> World:
    """Run one seed.

    Raises:
        Broken: a law does not hold.
    """
    world = World(seed)
    world.run()
    return world


__all__ = ["Broken", "World", "live_through"]
