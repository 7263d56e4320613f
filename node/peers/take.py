"""What the new leaves of a followed log name: fetched, examined, and only then given to the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.errors import PeerError
from node.peers.bring import Outcome, Sources, bring
from node.peers.desk import Desk
from node.peers.examine import examine_statement
from node.peers.keys import changes_keys, history_ahead
from node.peers.model import FollowedLog, LogSync
from node.peers.run import MOST_SEGMENTS, Run
from provenance.errors import BadKeyChange, MalformedLeaf, ProvenanceError
from provenance.key_history import KeyHistory
from provenance.keys import PublicKey
from provenance.log.leaf import Leaf, SegmentLeaf, StatementLeaf, UnknownLeaf, decode_leaf
from provenance.log.reader import LogReader
from provenance.statement import Statement, parse_statement
from provenance.statement.profile import LARGEST_STATEMENT
from provenance.statement.signers import signers_of

_STEP = 2_000  # leaves whose blobs are fetched and examined together, at least
_LARGEST_SEGMENT = 2 << 30  # bytes; 500,000 rows have some 50 MB

Entry: TypeAlias = tuple[int, Leaf | str]
"""A leaf with its log index; or why it is none."""


def take_named(
    desk: Desk,
    log: FollowedLog,
    mirror: LogReader,
    result: LogSync,
    sources: Sources,
    history: KeyHistory | None,
) -> str | None:
    """Fetch and examine what the new leaves name; stops at the first thing that nobody has.

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
    if history is None and result.size:
        try:
            if (usurped := _leads_to(desk, log, mirror, sources)) is not None:
                return usurped
        except PeerError as error:
            result.trouble.append(str(error))
            return None
    for leaves in _steps(mirror.leaves(result.taken, result.size), result.taken):
        step = _Step(desk, log, leaves, _before(mirror, leaves[0]), history)
        step.fetch(sources, result)
        step.examine()
        result.refused |= step.refused
        desk.notes.take(log.origin, step.whole, step.refused, step.statements, step.keys)
        result.taken, history = step.whole, step.history
        if step.usurped is not None:
            return step.usurped
        if step.missing is not None:
            result.trouble.append(step.missing)
            break
    return None


def _leads_to(desk: Desk, log: FollowedLog, mirror: LogReader, sources: Sources) -> str | None:
    """Why a log's first statement and its changes of keys do not lead to the key that it is followed with."""
    try:
        history = history_ahead(desk.store, sources, None, enumerate(mirror.leaves()))
    except ProvenanceError as error:
        return str(error)
    if history is None or history.origin != log.origin or log.key not in history.log_keys:
        return f"its first statement and what it says of keys do not lead to {log.key}"
    return None


def _steps(leaves: Iterable[bytes], first: int) -> Iterator[list[Entry]]:
    """Cut leaves into steps, between a statement and the next where that can be."""
    step: list[Entry] = []
    for index, raw in enumerate(leaves, first):
        leaf = _read(raw)
        most = _STEP + MOST_SEGMENTS if isinstance(leaf, SegmentLeaf) else _STEP
        if len(step) >= most:
            yield step
            step = []
        step.append((index, leaf))
    if step:
        yield step


def _before(reader: LogReader, first: Entry) -> list[Entry]:
    """The leaves from a segment's statement up to it, so that it matters to nobody where a step begins."""
    index, leaf = first
    found: list[Entry] = []
    while isinstance(leaf, SegmentLeaf) and index > 0 and len(found) <= MOST_SEGMENTS:
        index -= 1
        leaf = _read(reader.leaf(index))
        found.append((index, leaf))
    return found[::-1]


def _read(raw: bytes) -> Leaf | str:
    try:
        return decode_leaf(raw)
    except MalformedLeaf as error:
        return str(error)


@dataclass(slots=True)
class _Step:
    """Some leaves in a row.

    Attributes:
        leaves: They, with their log indexes.
        before: Those before them that belong to the same statement as the first, if it is a segment's.
        refused: Which of the leaves will never count, with the reason.
        whole: Up to where (log index) everything that is named is here.
        missing: What is not, in words; None if all is here.
        history: The log's keys, up to the leaf that is looked at; None before the first.
        statements: Those that count.
        keys: Which of them are about keys.
        usurped: Why nothing more is to be taken from this log; None while all is well.
    """

    desk: Desk
    log: FollowedLog
    leaves: list[Entry]
    before: list[Entry]
    history: KeyHistory | None
    refused: dict[int, str] = field(default_factory=dict)
    whole: int = 0
    missing: str | None = None
    statements: dict[Digest, int] = field(default_factory=dict)
    keys: set[Digest] = field(default_factory=set)
    usurped: str | None = None

    @property
    def first(self) -> int:
        """Log index of the first leaf."""
        return self.leaves[0][0]

    def fetch(self, sources: Sources, result: LogSync) -> None:
        """Bring what the leaves name; what its publisher withdrew does not count any more."""
        wanted: dict[Digest, list[int]] = {}
        most: dict[Digest, int] = {}
        for index, leaf in self.leaves:
            for digest, size in _named(leaf):
                wanted.setdefault(digest, []).append(index)
                most[digest] = max(size, most.get(digest, 0))
        self.whole = self.first + len(self.leaves)
        for digest, outcome in bring(self.desk.store, sources, wanted, most=most):
            if outcome is Outcome.FETCHED:
                result.blobs += 1
            elif outcome is Outcome.WITHDRAWN:
                self.refused |= dict.fromkeys(wanted[digest], "it was withdrawn")
            elif outcome is Outcome.NOWHERE and wanted[digest][0] < self.whole:
                self.whole = self._run_of(wanted[digest][0])
                entry = f"entry {wanted[digest][0]} of {self.log.origin}"
                self.missing = f"Nobody who could be asked has {digest}, which {entry} names."

    def examine(self) -> None:
        """Hold statements to their signatures, and segments to their statements and rows."""
        named = [leaf.statement for _, leaf in self.before + self.leaves if isinstance(leaf, StatementLeaf)]
        known = self.desk.notes.statements(self.log.origin, named)
        run = self._begun(known)
        segments: dict[int, SegmentLeaf] = {}
        for index, leaf in self.leaves:
            if index >= self.whole:
                break
            reason = self.refused.get(index)
            if isinstance(leaf, StatementLeaf):
                found = reason or self._statement(index, leaf, known)
                if self.usurped is not None:
                    self.whole, self.missing = index, None
                    break
                run = Run.of(index, found)
                reason = found if isinstance(found, str) else None
            elif isinstance(leaf, SegmentLeaf):
                reason = run.refuses(index, leaf) or reason
                if reason is None and leaf.access is AccessClass.PUBLIC:
                    segments[index] = leaf
            else:
                # Whatever else stands between a statement and a segment parts them, as it parts steps.
                run, reason = Run(), leaf if isinstance(leaf, str) else None
            if reason is not None:
                self.refused[index] = reason
        self.refused |= self.desk.check_rows(segments)
        # What lies beyond is judged when all that it names is here.
        self.refused = {index: reason for index, reason in self.refused.items() if index < self.whole}

    def _begun(self, known: dict[Digest, int]) -> Run:
        """The run that the first leaf stands in, if an earlier step began it."""
        run = Run()
        for index, leaf in self.before:
            if isinstance(leaf, StatementLeaf) and known.get(leaf.statement) == index:
                run = Run.of(index, parse_statement(self.desk.store.read(leaf.statement)))
            elif isinstance(leaf, SegmentLeaf):
                run.refuses(index, leaf)
        return run

    def _statement(self, index: int, leaf: StatementLeaf, known: dict[Digest, int]) -> Statement | str:
        if known.get(leaf.statement, index) != index or leaf.statement in self.statements:
            return "an earlier entry names the same statement"
        if self.desk.store.size(leaf.statement) > LARGEST_STATEMENT:
            return f"it has more than the {LARGEST_STATEMENT:,} bytes that a statement may have"
        found = examine_statement(self.desk.store.read(leaf.statement), self.desk.canonical_rdf)
        if isinstance(found, Statement):
            found = self._not_its_own(index, found) or found
        if isinstance(found, Statement):
            self.statements[leaf.statement] = index
            if changes_keys(found):
                self.keys.add(leaf.statement)
        return found

    def _not_its_own(self, index: int, statement: Statement) -> str | None:
        """Why the log's key of then does not stand behind a statement; takes changes of keys into account."""
        try:
            if self.history is None:
                self.history = KeyHistory.begin(statement)
                return None
            due = self.history.identity_at(index)
            self.history.check_signer(index, statement)
            self.history = self.history.advance(index, statement)
        except BadKeyChange as error:
            self.usurped = str(error)
            return self.usurped
        except ProvenanceError as error:
            return f"it is not signed by the log's own key: {error}"
        strangers = signers_of(statement) - {due, self.history.identity}
        return f"others signed it, too: {_names(strangers)}" if strangers else None

    def _run_of(self, index: int) -> int:
        """Where the statement stands that the entry belongs to: half of what it lists must not be taken."""
        while index > self.first and isinstance(self.leaves[index - self.first][1], SegmentLeaf):
            index -= 1
        return index


def _names(keys: Iterable[PublicKey]) -> str:
    return ", ".join(sorted(key.did for key in keys))


def _named(leaf: Leaf | str) -> Iterator[tuple[Digest, int]]:
    """The blob that a leaf names and that may travel, and how many bytes it may have."""
    match leaf:
        case StatementLeaf():
            yield leaf.statement, LARGEST_STATEMENT
        case SegmentLeaf(access=AccessClass.PUBLIC):
            yield leaf.segment, _LARGEST_SEGMENT
        case SegmentLeaf() | UnknownLeaf() | str():
            return
