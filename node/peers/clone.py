"""`fetch` brings bytes by digest, `clone` also what they name; from peers or from where they came."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from crawlers.box import Box
from hashstore.digest import Digest
from manifests.access import AccessClass
from node.compose import Node
from node.errors import NotFound
from node.look.access import access_of
from node.look.resolve import resolve
from node.look.things import BlobThing, RowThing, SegmentThing, SnapshotThing, StatementThing
from node.peers.bring import Outcome, Sources, bring
from node.peers.expand import Wanted, captured_by, named_by, statement_at
from node.peers.pieced import bring_pieced
from node.slices.pieces import pieces_of
from node.slices.store import SliceStore

_URLS = "SELECT DISTINCT digest, url FROM capture WHERE access = 'public' AND digest IN (SELECT unnest(?))"
_LARGE = "SELECT DISTINCT digest FROM pieces WHERE digest IN (SELECT unnest(?))"
_ANY_LARGE = "SELECT 1 AS n FROM pieces LIMIT 1"
_ROW = "SELECT digest FROM capture WHERE log = ? AND log_index = ? AND row = ? AND digest IS NOT NULL"
_OF_LOG = "SELECT statement FROM leaf WHERE log = ? AND kind = 'statement' ORDER BY log_index"


class Cloner:
    """One run of `fetch` or `clone`."""

    def __init__(self, node: Node, sources: Sources, ready: Box | None = None) -> None:
        """Asks nobody yet.

        Args:
            node: The node that the bytes come to.
            sources: The nodes that may have them.
            ready: A box that stands ready to examine the first statement's segments.
        """
        self._node = node
        self._sources = sources
        self._boxes = [] if ready is None else [ready]
        self._none_pieced = False

    def fetch(self, wanted: Iterable[Wanted]) -> Iterator[tuple[Digest, Outcome]]:
        """Bring bytes; each digest is answered once, `FETCHED` when it is durable."""
        urls: dict[Digest, str | None] = {}
        for want in wanted:
            if urls.get(want.digest) is None:
                urls[want.digest] = want.url
        nowhere: list[Digest] = []
        told: list[Digest] = []
        for digest in self._pieced(urls):
            yield digest, Outcome.FETCHED
            del urls[digest]
        here = []
        for digest, outcome in bring(self._node.store, self._sources, urls):
            if outcome in (Outcome.NOWHERE, Outcome.WITHDRAWN):
                (nowhere if outcome is Outcome.NOWHERE else told).append(digest)
                continue
            if outcome is Outcome.HERE:
                here.append(digest)
            yield digest, outcome
        SliceStore(self._node.layout.slices).touch(here, time.time_ns())
        gone = self._gone(told)
        yield from ((digest, Outcome.WITHDRAWN) for digest in gone)
        # What no notice takes back is only said to be withdrawn, by somebody who does not have it.
        nowhere += [digest for digest in told if digest not in gone]
        if nowhere:
            # The polite fetcher is a fifth of what starting takes, and peers have nearly everything.
            from node.peers.origin import bring_from_origin

            self._look_up(urls, nowhere)
            missing = [Wanted(digest, urls[digest]) for digest in nowhere]
            for digest, outcome in bring_from_origin(self._node.store, self._node.config.crawl, missing):
                lost = outcome is Outcome.NOWHERE and digest in told
                yield digest, Outcome.WITHDRAWN if lost else outcome

    def clone(self, wanted: Iterable[Wanted]) -> Iterator[tuple[Digest, Outcome]]:
        """Bring bytes, and if they are statements what those name, down to the images."""
        first = list(wanted)
        yield from self.fetch(first)
        statements = [
            found for want in first if (found := statement_at(self._node.store, want.digest)) is not None
        ]
        yield from self.fetch(want for statement in statements for want in named_by(statement))
        yield from self.fetch(
            want for statement in statements for want in captured_by(self._node.store, statement, self._box())
        )

    def _gone(self, told: Sequence[Digest]) -> list[Digest]:
        """Which of what a peer says to be withdrawn a notice that counts here takes back."""
        if not told:
            return []
        with self._node.index() as index:
            return [one for one in told if access_of(index, BlobThing(one)) is AccessClass.WITHDRAWN]

    def _box(self) -> Box | None:
        return self._boxes.pop() if self._boxes else None

    def _pieced(self, digests: Iterable[Digest]) -> Iterator[Digest]:
        """Bring those that a log tells the pieces of, from several peers at once; which came."""
        if self._none_pieced:
            return
        asked = [digest.raw for digest in digests]
        with self._node.index() as index:
            # An index without any says so of the next steps too, and need not be opened for them.
            self._none_pieced = not index.rows(_ANY_LARGE)
            rows = [] if self._none_pieced else index.rows(_LARGE, [asked])
            missing = [one for row in rows if not self._node.store.contains(one := Digest(row["digest"]))]
            known = {digest: pieces_of(index, digest) for digest in missing}
        for digest, pieces in known.items():
            if bring_pieced(self._node.store, self._sources, digest, pieces):
                yield digest

    def _look_up(self, urls: dict[Digest, str | None], digests: Sequence[Digest]) -> None:
        """Where the index says that bytes were published."""
        unknown = [digest.raw for digest in digests if urls[digest] is None]
        if unknown:
            with self._node.index() as index:
                for row in index.rows(_URLS, [unknown]):
                    urls[Digest(row["digest"])] = row["url"]


def wanted_by(node: Node, text: str) -> list[Wanted]:
    """What an identifier names; a whole digest that nothing here knows stands for itself.

    Raises:
        NotFound: it names nothing that has bytes.
    """
    with node.index() as index:
        numbers = {origin: number for number, origin in index.origins().items() if origin is not None}
        if text in numbers:
            return [Wanted(Digest(row["statement"])) for row in index.rows(_OF_LOG, [numbers[text]])]
        try:
            thing = resolve(node, index, text)
        except NotFound:
            return [Wanted(_whole(text))]
        match thing:
            case BlobThing(digest) | StatementThing(digest) | SegmentThing(digest):
                return [Wanted(digest)]
            case RowThing(uri, "capture", log, log_index):
                rows = index.rows(_ROW, [log, log_index, uri.row])
                return [Wanted(uri.segment), *(Wanted(Digest(row["digest"])) for row in rows)]
            case RowThing(uri):
                return [Wanted(uri.segment)]
            case SnapshotThing():
                return [Wanted(Digest(row["statement"])) for row in index.rows(_OF_LOG, [0])]


def _whole(text: str) -> Digest:
    try:
        return Digest.parse(text)
    except Exception as error:
        raise NotFound(
            f"Nothing here answers to {text!r}. To fetch what is not known here, give the whole digest."
        ) from error


def wanted_by_bundle(path: Path) -> list[Wanted]:
    """What a citation bundle cites.

    Raises:
        BundleError: the file is no bundle, or was changed.
        NotFound: it cites a whole log, of which a bundle names no bytes.
    """
    from provenance.citation import decode_bundle
    from provenance.citation.cited_bytes import cited_bytes

    found = cited_bytes(decode_bundle(path.read_bytes()))
    if not found:
        raise NotFound(
            f"{path} cites the state of a log: follow it (`vasculum peer add`) and clone its origin."
        )
    return [Wanted(digest, url) for digest, url in found]
