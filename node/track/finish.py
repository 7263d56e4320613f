"""The end of a crawl: segments, a signed statement, one append to the log, the index."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.segment import Segment
from node.compose import Node
from node.index import Index
from node.journal import CrawlState, Journal, Phase
from node.look.changes import changes_of
from node.track.derivatives import make_derivatives
from node.track.model import IMAGE_COUNTS, TrackSummary
from node.track.pieces import write_pieces
from node.track.place import Place
from node.track.segments import TableWriters, write_captures, write_staged
from node.track.session import Session
from node.track.staged import Gathered, StagedSource
from node.track.withhold import hidden_in, withhold_unread
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf
from provenance.statement import Statement, issue, parse_statement, segments_of
from provenance.statement.kinds import Crawl, Creator, Dataset, UsedArchive

Counts = dict[str, dict[str, int]]
_READ_ROLES = ("archive", "feed", "list", "metadata")


def finish(session: Session, place: Place, gathered: Gathered) -> TrackSummary:
    """Write what a crawl found into segments, sign it, and append it to the log.

    Everything is durable before the journal forgets the crawl; killed anywhere in between, the next
    command ends it from where it stood.
    """
    with session.listener.phase("Writing segments and signing", None):
        with session.node.index() as index:
            segments, sealed, told = _segments(session, index, gathered)
            changes, flagged = _plain(told.changes), _plain(told.flagged)
            previous = _previous(index, place.source)
        images = session.journal.outcomes(session.crawl, "image")
        crawl = _crawl(session, place, gathered, segments, changes, images, previous)
        document = replace(crawl, flagged=_told(flagged)).document()
        statement = issue(document, session.node.identity, datetime.now(UTC))
        session.node.store.commit([*sealed, _staged(session.node, statement)])
        files = session.journal.outcomes(session.crawl, "file")
        session.journal.finishing(session.crawl, statement.digest)
        entry = _append(session.node, statement)
    if previous is not None:
        _tell_changes(session, entry)
    _forget(session.node, session.journal, session.crawl)
    return TrackSummary(
        crawl=session.crawl,
        statement=statement.digest.uri,
        log_index=entry,
        log_size=session.node.reader.head().size,
        rows=_rows(gathered),
        quarantined=sum(staged.quarantined for staged in gathered.staged),
        changes=changes,
        flagged=flagged,
        unlinked=told.unlinked,
        images=_all_outcomes(images),
        files=_all_outcomes(files),
        refused=len(gathered.refused),
        resumed=session.resumed,
    )


def settle_finishing(node: Node, journal: Journal) -> None:
    """End the crawls that were killed while finishing: their statements are signed and durable."""
    for state in journal.unfinished():
        if state.phase is Phase.FINISHING and state.statement is not None:
            _settle(node, journal, state, state.statement)


def _settle(node: Node, journal: Journal, state: CrawlState, digest: Digest) -> None:
    statement = parse_statement(node.store.read(digest))
    if not _stands_in_log(node, digest):
        node.log.append([leaf.encode() for leaf in leaves_of(statement)])
    with node.index():
        pass
    _forget(node, journal, state.crawl)


def _stands_in_log(node: Node, digest: Digest) -> bool:
    """Whether the log names a statement; the newest entries are asked first, as it can only be there."""
    size = node.reader.head().size
    for stop in range(size, 0, -256):
        start = max(0, stop - 256)
        for raw in node.reader.leaves(start, stop):
            leaf = decode_leaf(raw)
            if isinstance(leaf, StatementLeaf) and leaf.statement == digest:
                return True
    return False


def leaves_of(statement: Statement) -> tuple[StatementLeaf | SegmentLeaf, ...]:
    """The log entries of a statement: itself, then each of its segments in the statement's order."""
    digest = statement.digest
    segments = (
        SegmentLeaf(digest, s.digest, s.table, s.schema, s.rows, s.rows_root, s.access)
        for s in segments_of(statement)
    )
    return (StatementLeaf(digest), *segments)


def _segments(
    session: Session, index: Index, gathered: Gathered
) -> tuple[tuple[Segment, ...], list[Sealed], TableWriters]:
    sources = [(staged, hidden_in(session.node, index, staged)) for staged in gathered.staged]
    derivatives = make_derivatives(session, index, sources)
    with TableWriters(session) as writers:
        for staged, hidden in sources:
            if write_staged(session, index, staged, hidden, derivatives, writers):
                for url in staged.urls:
                    session.journal.withhold(session.crawl, url)
        withhold_unread(session, gathered.staged)
        write_captures(session, index, derivatives, writers)
        write_pieces(session, index, derivatives, writers)
        finished = writers.finish()
    segments = tuple(segment for segment, _ in finished)
    return segments, [sealed for _, sealed in finished], writers


def _plain(counts: Mapping[str, Counter[str]]) -> Counts:
    return {table: dict(found) for table, found in counts.items() if found}


def _told(flagged: Counts) -> tuple[tuple[str, str, int], ...]:
    return tuple(sorted((t, code, rows) for t, found in flagged.items() for code, rows in found.items()))


def _staged(node: Node, statement: Statement) -> Sealed:
    with node.store.stage() as staging:
        staging.write(statement.raw)
        return staging.seal()


def _append(node: Node, statement: Statement) -> int:
    entries = node.log.append([leaf.encode() for leaf in leaves_of(statement)])
    with node.index():
        pass  # opening it brings it up to the log
    return entries.start


def _tell_changes(session: Session, entry: int) -> None:
    """After a first crawl everything is new; after a later one, what is new is the news."""
    with session.node.index() as index:
        for change in changes_of(index, entry):
            fields = {"table": change.table, "change": change.change, "name": change.name}
            columns = {name: list(values) for name, values in change.columns.items()}
            session.listener.item("change", {**fields, "columns": columns})


def _forget(node: Node, journal: Journal, crawl: str) -> None:
    journal.forget(crawl)
    shutil.rmtree(node.layout.staging / crawl.removeprefix("urn:uuid:"), ignore_errors=True)


def _previous(index: Index, source: str) -> str | None:
    query = (
        "SELECT iri FROM own_statement WHERE kind = 'Crawl' AND source = ? ORDER BY log_index DESC LIMIT 1"
    )
    row = index.one(query, [source])
    return str(row["iri"]) if row else None


def _crawl(
    session: Session,
    place: Place,
    gathered: Gathered,
    segments: tuple[Segment, ...],
    changes: Mapping[str, Mapping[str, int]],
    images: Mapping[str, int],
    previous: str | None,
) -> Crawl:
    counts = {name: images.get(outcome, 0) for outcome, name in IMAGE_COUNTS.items()}
    for change in ("added", "changed", "removed"):
        counts[f"rows{change.capitalize()}"] = sum(found.get(change, 0) for found in changes.values())
    counts["rowsRead"] = sum(_rows(gathered).values())
    counts["rowsQuarantined"] = sum(staged.quarantined for staged in gathered.staged)
    return Crawl(
        id=session.crawl,
        agent=session.node.identity.public,
        software=("vasculum", version("vasculum")),
        source=place.source,
        source_kind=gathered.kind or "unknown",
        started=datetime.fromisoformat(session.state.started),
        ended=datetime.now(UTC),
        used=_used(session),
        segments=segments,
        counts=tuple(sorted(counts.items())),
        previous=previous,
        dataset=_dataset(gathered.staged),
    )


def _used(session: Session) -> tuple[UsedArchive, ...]:
    """What the crawl read, but for what is withheld: a statement is public."""
    return tuple(
        UsedArchive(Digest(row["digest"]), row["url"], row["role"])
        for role in _READ_ROLES
        for row in session.journal.captures(session.crawl, withheld=False, role=role)
        if row["digest"] is not None
    )


def _dataset(staged: list[StagedSource]) -> Dataset | None:
    """What the publisher says of the dataset; nothing for a feed, which holds several."""
    told = [source.metadata for source in staged if source.metadata is not None]
    if len(told) != 1:
        return None
    (metadata,) = told
    return Dataset(
        title=metadata.title,
        creators=tuple(Creator(creator.name) for creator in metadata.creators),
        publisher=metadata.publisher,
        license=metadata.licence,
        citation=metadata.citation,
        identifier=metadata.citation_identifier or next(iter(metadata.identifiers), None),
        issued=metadata.published,
    )


def _rows(gathered: Gathered) -> dict[str, int]:
    total: Counter[str] = Counter()
    for staged in gathered.staged:
        total.update(staged.rows)
    return dict(total)


def _all_outcomes(counts: Mapping[str, int]) -> dict[str, int]:
    return {outcome: counts.get(outcome, 0) for outcome in IMAGE_COUNTS}
