"""Some leaves in a row: what they name is fetched and examined, and each of them is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.errors import CannotExamine
from node.peers.ahead import Ahead, changes_keys
from node.peers.bring import Outcome, Sources, bring
from node.peers.desk import Desk
from node.peers.examine import examine_statement
from node.peers.model import FollowedLog
from node.peers.run import Run
from node.peers.voided import Entry
from provenance.errors import BadKeyChange, ProvenanceError, RdfTimeout
from provenance.key_history import KeyHistory
from provenance.key_strangers import strangers
from provenance.keys import PublicKey
from provenance.log.leaf import Leaf, SegmentLeaf, StatementLeaf, UnknownLeaf
from provenance.statement import Statement, parse_statement
from provenance.statement.profile import LARGEST_STATEMENT
from provenance.statement.signers import signers_of

_LARGEST_SEGMENT = 2 << 30  # bytes; 500,000 rows have some 50 MB


@dataclass(slots=True)
class Step:
    """Some leaves in a row.

    Attributes:
        leaves: They, with their log indexes.
        before: Those before them that belong to the same statement as the first, if it is a segment's.
        history: The log's keys, up to the leaf that is looked at; None before the first.
        ahead: Tells what the log says further on; asked only where something cannot be had or read.
        refused: Which of the leaves will never count, with the reason.
        whole: Up to where (log index) everything that is named is here and judged.
        missing: What is not, in words; None if all is.
        unread: Whether that is something which could not be examined here and now.
        statements: Those that count.
        keys: Which of them are about keys.
        void: Where statements of these leaves say that no signature counts; see `KeyHistory.void_leaves`.
        usurped: Why nothing more is to be taken from this log; None while all is well.
        weight: How many bytes the leaves and what they name have.
    """

    desk: Desk
    log: FollowedLog
    leaves: list[Entry]
    before: list[Entry]
    history: KeyHistory | None
    ahead: Callable[[], Ahead]
    refused: dict[int, str] = field(default_factory=dict)
    whole: int = 0
    missing: str | None = None
    unread: bool = False
    statements: dict[Digest, int] = field(default_factory=dict)
    keys: set[Digest] = field(default_factory=set)
    void: dict[int, tuple[range, ...]] = field(default_factory=dict)
    usurped: str | None = None
    weight: int = 0

    @property
    def first(self) -> int:
        """Log index of the first leaf."""
        return self.leaves[0][0]

    def fetch(self, sources: Sources) -> None:
        """Bring what the leaves name; what its own log says to be withdrawn does not count any more."""
        wanted: dict[Digest, list[int]] = {}
        most: dict[Digest, int] = {}
        for index, leaf in self.leaves:
            for digest, size in _named(leaf):
                wanted.setdefault(digest, []).append(index)
                most[digest] = max(size, most.get(digest, 0))
        self.whole = self.first + len(self.leaves)
        lacking = []
        for digest, outcome in bring(self.desk.store, sources, wanted, most=most):
            if outcome is Outcome.HERE:
                sources.charge(self.desk.store.size(digest))
            elif outcome is not Outcome.FETCHED:
                lacking.append(digest)
        for digest in sorted(lacking, key=lambda one: wanted[one]):
            if wanted[digest][0] < self.whole:
                self._lack(digest, wanted[digest])
        here = (digest for digest, places in wanted.items() if places[0] < self.whole)
        self.weight = sum(self.desk.store.size(one) for one in here if self.desk.store.contains(one))

    def _lack(self, digest: Digest, places: list[int]) -> None:
        if digest in self.ahead().withdrawn:
            self.refused |= dict.fromkeys(places, "it was withdrawn")
            return
        entry = f"entry {places[0]} of {self.log.origin}"
        self._stand_still(places[0], f"Nobody who could be asked has {digest}, which {entry} names.")

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
                found = reason or self._examined(index, leaf, known)
                if found is None:
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
        self._examine_rows(segments)
        self._forget_beyond()

    def _examine_rows(self, segments: dict[int, SegmentLeaf]) -> None:
        judged = self.desk.check_rows(segments)
        self.refused |= judged.refused
        for index in sorted(judged.unread):
            if index >= self.whole:
                break
            if self._is_void(index):
                self.refused[index] = VOID
            else:
                self._not_examined(index, judged.unread[index])

    def _forget_beyond(self) -> None:
        """What lies beyond is judged when all that it names is here and can be read."""
        self.refused = {index: reason for index, reason in self.refused.items() if index < self.whole}
        self.statements = {one: index for one, index in self.statements.items() if index < self.whole}
        self.keys &= self.statements.keys()
        self.void = {index: ranges for index, ranges in self.void.items() if index < self.whole}

    def _begun(self, known: dict[Digest, int]) -> Run:
        """The run that the first leaf stands in, if an earlier step began it."""
        run = Run()
        for index, leaf in self.before:
            if isinstance(leaf, StatementLeaf) and known.get(leaf.statement) == index:
                run = Run.of(index, parse_statement(self.desk.store.read(leaf.statement)))
            elif isinstance(leaf, SegmentLeaf):
                run.refuses(index, leaf)
        return run

    def _examined(self, index: int, leaf: StatementLeaf, known: dict[Digest, int]) -> Statement | str | None:
        """A statement that counts, or why it does not; None where nothing can be taken from there on."""
        try:
            found = self._statement(index, leaf, known)
        except CannotExamine as error:
            if self._is_void(index):
                return VOID
            self._not_examined(index, str(error))
            return None
        if self.usurped is not None:
            self.whole, self.missing = index, None
            return None
        return found

    def _statement(self, index: int, leaf: StatementLeaf, known: dict[Digest, int]) -> Statement | str:
        if known.get(leaf.statement, index) != index or leaf.statement in self.statements:
            return "an earlier entry names the same statement"
        if self.desk.store.size(leaf.statement) > LARGEST_STATEMENT:
            return f"it has more than the {LARGEST_STATEMENT:,} bytes that a statement may have"
        found = examine_statement(self.desk.store.read(leaf.statement), self.desk.canonical_rdf)
        if isinstance(found, Statement):
            found = self.not_its_own(index, found) or found
        if isinstance(found, Statement):
            self.statements[leaf.statement] = index
            if changes_keys(found):
                self.keys.add(leaf.statement)
        return found

    def not_its_own(self, index: int, statement: Statement) -> str | None:
        """Why the log's key of then does not stand behind a statement; takes changes of keys into account."""
        try:
            if self.history is None:
                self.history = KeyHistory.begin(statement)
                return None
            before = self.history.void_leaves
            self.history.check_signer(index, statement)
            self.history = self.history.advance(index, statement)
        except BadKeyChange as error:
            self.usurped = str(error)
            return self.usurped
        except RdfTimeout as error:
            raise CannotExamine(str(error)) from error
        except ProvenanceError as error:
            return f"it is not signed by the log's own key: {error}"
        if new := tuple(one for one in self.history.void_leaves if one not in before):
            self.void[index] = new
        others = strangers(self.history, index, statement, signers_of(statement))
        return f"others signed it, too: {_names(others)}" if others else None

    def _is_void(self, index: int) -> bool:
        """Whether the log says further on that the statement behind an entry does not count."""
        history = self.ahead().history
        behind = (entry for entry in reversed(self.before + self.leaves) if entry[0] <= index)
        place, leaf = next(entry for entry in behind if isinstance(entry[1], StatementLeaf))
        if history is None or not any(place in one for one in history.void_leaves):
            return False
        assert isinstance(leaf, StatementLeaf)
        return not changes_keys(parse_statement(self.desk.store.read(leaf.statement)))

    def _not_examined(self, index: int, why: str) -> None:
        self.unread = True
        self._stand_still(
            index,
            f"Entry {index} of {self.log.origin} could not be examined on this machine now: {why}. It is not "
            "refused: a later sync examines it again, and until then the log stands still here.",
        )

    def _stand_still(self, index: int, why: str) -> None:
        """Take nothing from the statement on that the entry belongs to: half of it must not be taken."""
        while index > self.first and isinstance(self.leaves[index - self.first][1], SegmentLeaf):
            index -= 1
        self.whole, self.missing = index, why


VOID = "the key that signed it was revoked back to there"


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
