"""What the new leaves of a followed log name: fetched, examined, and only then given to the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from node.errors import PeerError
from node.peers.ahead import Ahead, leads_to, look_ahead
from node.peers.bring import Sources
from node.peers.desk import Desk
from node.peers.model import FollowedLog, LogSync
from node.peers.run import MOST_SEGMENTS
from node.peers.step import VOID, Step
from node.peers.voided import Entry, read_entry, voided
from provenance.errors import ProvenanceError
from provenance.key_history import KeyHistory
from provenance.log.leaf import SegmentLeaf
from provenance.log.reader import LogReader

_STEP = 2_000  # leaves whose blobs are fetched and examined together, at least


def take_named(
    desk: Desk,
    log: FollowedLog,
    mirror: LogReader,
    result: LogSync,
    sources: Sources,
    history: KeyHistory | None,
) -> str | None:
    """Fetch and examine what the new leaves name; stops at the first thing that cannot be had or read.

    Args:
        desk: Where the log is followed.
        log: The followed log.
        mirror: What is here of it.
        result: Gets counts, refusals and troubles.
        sources: Who may have the bytes.
        history: The log's keys so far; None before its first leaf is here.

    Returns:
        Why nothing more is to be taken from this log, if it changes keys in a way that it may not: whoever
        holds its key then is not its keeper. None while all is well.
    """
    try:
        if history is None and result.size:
            usurped = leads_to(desk.store, sources, log.key, enumerate(mirror.leaves()))
            if usurped is not None:
                return usurped
        for leaves in _steps(mirror.leaves(result.taken, result.size), result.taken):
            ahead = _ahead(desk, sources, history, mirror, result)
            step = Step(desk, log, leaves, _before(mirror, leaves[0]), history, ahead)
            step.fetch(sources)
            step.examine()
            _note(desk, log, mirror, step, result)
            history = step.history
            if step.usurped is not None:
                return step.usurped
            if step.missing is not None:
                result.trouble.append(step.missing)
                break
    except PeerError as error:
        result.trouble.append(str(error))
    return None


def _ahead(
    desk: Desk, sources: Sources, history: KeyHistory | None, mirror: LogReader, result: LogSync
) -> Callable[[], Ahead]:
    first, size = result.taken, result.size

    @cache
    def look() -> Ahead:
        try:
            return look_ahead(desk.store, sources, history, enumerate(mirror.leaves(first, size), first))
        except (PeerError, ProvenanceError):
            return Ahead(history, frozenset())  # what is said there cannot be read yet

    return look


def _note(desk: Desk, log: FollowedLog, mirror: LogReader, step: Step, result: LogSync) -> None:
    """Take down what a step came to, with what it takes back of earlier entries: both or none of it."""
    void = _taken_back(desk, log, mirror, step)
    refused = dict.fromkeys(sorted(void), VOID) | step.refused
    statements = {digest: index for digest, index in step.statements.items() if index not in void}
    desk.notes.take(
        log.origin, step.whole, refused, statements, step.keys, void=frozenset(void), weight=step.weight
    )
    result.refused |= refused
    result.taken, result.unread = step.whole, step.unread


def _taken_back(desk: Desk, log: FollowedLog, mirror: LogReader, step: Step) -> set[int]:
    """Which entries up to the end of a step its statements declare void."""
    if not step.void:
        return set()
    about_keys = step.keys | {digest for _, digest in desk.notes.key_statements(log.origin)}
    found: set[int] = set()
    for places in (one for ranges in step.void.values() for one in ranges):
        entries = zip(places, mirror.leaves(places.start, places.stop), strict=True)
        found |= set(voided((read_entry(*entry) for entry in entries), about_keys))
    return found


def _steps(leaves: Iterable[bytes], first: int) -> Iterator[list[Entry]]:
    """Cut leaves into steps, between a statement and the next where that can be."""
    step: list[Entry] = []
    for index, raw in enumerate(leaves, first):
        entry = read_entry(index, raw)
        most = _STEP + MOST_SEGMENTS if isinstance(entry[1], SegmentLeaf) else _STEP
        if len(step) >= most:
            yield step
            step = []
        step.append(entry)
    if step:
        yield step


def _before(reader: LogReader, first: Entry) -> list[Entry]:
    """The leaves from a segment's statement up to it, so that it matters to nobody where a step begins."""
    index, leaf = first
    found: list[Entry] = []
    while isinstance(leaf, SegmentLeaf) and index > 0 and len(found) <= MOST_SEGMENTS:
        index, leaf = read_entry(index - 1, reader.leaf(index - 1))
        found.append((index, leaf))
    return found[::-1]
