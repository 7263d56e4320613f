"""What institutions publish in the simulation: real statements, really signed, over real Parquet segments.

Each block is a run of leaves that is appended at once. It carries its own verdict, fixed by how it was made
and not by the code under test: which of its leaves must count at every honest follower, and which never may.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any

import pyarrow as pa

from hashstore.blobstore.memory import MemoryBlobStore
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.row_uri import RowUri
from manifests.segment import Segment, SegmentWriter
from manifests.tables import SPECIMEN
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import SegmentLeaf, StatementLeaf
from provenance.statement import Statement, issue
from provenance.statement.kinds import (
    Crawl,
    KeyChange,
    KeyRevocation,
    KeyRole,
    LogDescription,
    key_commitment,
)

NODES = 5
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FILLER = 252  # leaves; with them, and a crawl or two, a log outgrows its first tile


@dataclass(frozen=True, slots=True)
class Block:
    """Leaves that are appended at once.

    Attributes:
        name: What they are, for the trace.
        leaves: Their bytes.
        counts: Which of them must count at a follower.
        blobs: What they name, by digest.
    """

    name: str
    leaves: tuple[bytes, ...]
    counts: tuple[bool, ...]
    blobs: Mapping[Digest, bytes]


@dataclass(frozen=True)
class Institution:
    """The keys of one node."""

    number: int

    @cached_property
    def origin(self) -> str:
        return f"museum{self.number}.example/log"

    @cached_property
    def signer(self) -> SigningKey:
        return SigningKey(bytes([1 + self.number]) * 32)

    @cached_property
    def identity(self) -> SigningKey:
        return SigningKey(bytes([101 + self.number]) * 32)

    @cached_property
    def next_identity(self) -> SigningKey:
        return SigningKey(bytes([201 + self.number]) * 32)

    @cached_property
    def key(self) -> VerifierKey:
        return VerifierKey(self.origin, self.signer.public)


@cache
def institution(number: int) -> Institution:
    """The keys of a node, made once."""
    return Institution(number)


@dataclass(frozen=True, slots=True)
class _Signed:
    """A statement with the segments that it lists, and the bytes of all of them."""

    statement: Statement
    segments: tuple[Segment, ...]
    blobs: Mapping[Digest, bytes]

    def leaf(self) -> bytes:
        return StatementLeaf(self.statement.digest).encode()

    def segment_leaf(self, place: int = 0, **other: Any) -> bytes:
        s = self.segments[place]
        leaf = SegmentLeaf(self.statement.digest, s.digest, s.table, s.schema, s.rows, s.rows_root, s.access)
        return replace(leaf, **other).encode()


def _uuid(*parts: object) -> str:
    hexes = Digest.of(repr(parts).encode()).hex
    return f"urn:uuid:{hexes[:8]}-{hexes[8:12]}-4{hexes[13:16]}-8{hexes[17:20]}-{hexes[20:32]}"


@cache
def _rows(name: str, revised: tuple[tuple[str, str], ...] = ()) -> tuple[Segment, bytes]:
    """A segment of two added rows, and one for each (change, row URI) given."""
    store = MemoryBlobStore()
    said = [("added", None), ("added", None), *revised]
    rows = [
        {"source": "drawn", "id": f"{name}-{place}", "change": change, "revisionOf": revision}
        for place, (change, revision) in enumerate(said)
    ]
    with SegmentWriter(store, SPECIMEN, AccessClass.PUBLIC) as writer:
        writer.write(
            pa.Table.from_pylist([dict.fromkeys(SPECIMEN.names) | row for row in rows], SPECIMEN.arrow)
        )
        (segment,) = writer.close()
    return segment, store.read(segment.digest)


def _crawl(who: Institution, name: str, *segments: tuple[Segment, bytes], rotated: bool = False) -> _Signed:
    signer = who.next_identity if rotated else who.identity
    crawl = Crawl(
        _uuid(who.number, name),
        signer.public,
        ("simulated", "1"),
        f"https://museum{who.number}.example/{name}",
        "dwca",
        NOW,
        NOW,
        segments=tuple(segment for segment, _ in segments),
    )
    statement = issue(crawl.document(), signer, NOW)
    blobs = {segment.digest: raw for segment, raw in segments if segment.access is AccessClass.PUBLIC}
    return _Signed(statement, crawl.segments, {statement.digest: statement.raw, **blobs})


@cache
def description(number: int) -> Block:
    """The first leaf of a log."""
    who = institution(number)
    made = LogDescription(
        _uuid(number),
        who.key,
        who.identity.public,
        f"Museum {number}",
        NOW,
        next_identity=key_commitment(who.next_identity.public),
    )
    statement = issue(made.document(), who.identity, NOW)
    leaf = StatementLeaf(statement.digest).encode()
    return Block("description", (leaf,), (True,), {statement.digest: statement.raw})


@cache
def filler(number: int) -> Block:
    """Leaves of a kind that only a later version knows: they are kept, relayed, and name nothing."""
    leaves = tuple(canonical_json({"type": "later", "n": f"{number}-{n}"}) for n in range(FILLER))
    return Block("filler", leaves, (True,) * FILLER, {})


@cache
def rotation(number: int, void_from: int) -> Block:
    """The identity changes, and the former key is revoked: what it signed from some entry on is void."""
    who = institution(number)
    old, new = who.identity, who.next_identity
    after = SigningKey(bytes([251]) * 32)
    change = KeyChange(
        _uuid(number, "change"), who.origin, KeyRole.IDENTITY, old.public, new.public, NOW,
        next=key_commitment(after.public),
    )  # fmt: skip
    revocation = KeyRevocation(
        _uuid(number, "revocation"), who.origin, KeyRole.IDENTITY, old.public, void_from, NOW
    )
    signed = issue(change.document(), old, NOW, new), issue(revocation.document(), new, NOW, after)
    leaves = tuple(StatementLeaf(statement.digest).encode() for statement in signed)
    blobs = {statement.digest: statement.raw for statement in signed}
    return Block(f"keys: void from {void_from}", leaves, (True, True), blobs)


@cache
def crawl(number: int, branch: str, place: int, rotated: bool = False) -> Block:
    """An honest crawl: rows are added, and from the second crawl on one is changed and one removed."""
    who, name = institution(number), f"{number}{branch}{place}"
    revised: tuple[tuple[str, str], ...] = ()
    if place:
        before, _ = _segment_of(number, branch, place - 1)
        revised = (
            ("changed", RowUri(before.digest, 1).print()),
            ("removed", RowUri(before.digest, 2).print()),
        )
    public = _rows(name, revised)
    hidden = Segment(
        Digest.of(name.encode()), "specimen", SPECIMEN.digest, 2, Digest.of(b"salted"), AccessClass.WITHHELD
    )
    held = [(hidden, b"")] if place % 2 else []
    signed = _crawl(who, name, public, *held, rotated=rotated)
    leaves = (signed.leaf(), *(signed.segment_leaf(n) for n in range(1 + len(held))))
    return Block(f"crawl {name}", leaves, (True,) * len(leaves), signed.blobs)


def _segment_of(number: int, branch: str, place: int) -> tuple[Segment, bytes]:
    block = crawl(number, branch, place)
    document = json.loads(block.leaves[1])
    digest = Digest.parse(document["segment"])
    root = Digest.parse(document["rowsRoot"])
    segment = Segment(digest, "specimen", SPECIMEN.digest, document["rows"], root, AccessClass.PUBLIC)
    return segment, block.blobs[digest]


def _block(name: str, leaves: Sequence[tuple[bytes, bool]], *signed: _Signed) -> Block:
    blobs = {digest: raw for one in signed for digest, raw in one.blobs.items()}
    return Block(name, tuple(leaf for leaf, _ in leaves), tuple(counts for _, counts in leaves), blobs)


def _forged(number: int) -> Block:
    """A statement in another's name, under a signature that is not the other's."""
    who, victim = institution(number), institution((number + 1) % NODES)
    mine = _crawl(who, f"forged{number}", _rows(f"forged{number}"))
    text = mine.statement.raw.decode().replace(
        who.identity.public.multibase, victim.identity.public.multibase
    )
    forged = Statement(text.encode(), mine.statement.iri)
    signed = _Signed(forged, mine.segments, {**mine.blobs, forged.digest: forged.raw})
    return _block("forged", [(signed.leaf(), False), (signed.segment_leaf(), False)], signed)


def _tampered(number: int) -> Block:
    """A statement of the log's own, changed after it was signed; whoever has the log key only can do that."""
    honest = _crawl(institution(number), f"signed{number}", _rows(f"signed{number}"))
    segment, raw = _rows(f"tampered{number}")
    text = honest.statement.raw.decode()
    for old, new in zip(_names(honest.segments[0]), _names(segment), strict=True):
        text = text.replace(old, new)
    changed = Statement(text.encode(), honest.statement.iri)
    signed = _Signed(changed, (segment,), {changed.digest: changed.raw, segment.digest: raw})
    return _block("tampered", [(signed.leaf(), False), (signed.segment_leaf(), False)], signed)


def _names(segment: Segment) -> tuple[str, str]:
    return segment.digest.uri, segment.rows_root.uri


def _stolen(number: int) -> Block:
    """Another's statement, truly signed by the other, in this log."""
    other = crawl((number + 1) % NODES, "m", 0)
    return Block("stolen", other.leaves, (False,) * len(other.leaves), other.blobs)


def _unlisted(number: int) -> Block:
    who = institution(number)
    one = _crawl(who, f"listed{number}", _rows(f"listed{number}"))
    segment, raw = _rows(f"unlisted{number}")
    slipped = _Signed(one.statement, (segment,), {segment.digest: raw})
    leaves = [(one.leaf(), True), (one.segment_leaf(), True), (slipped.segment_leaf(), False)]
    return _block("unlisted", leaves, one, slipped)


def _misdescribed(number: int) -> Block:
    one = _crawl(institution(number), f"told{number}", _rows(f"told{number}"))
    leaf = one.segment_leaf(rows_root=Digest.of(b"another root"))
    return _block("misdescribed", [(one.leaf(), True), (leaf, False)], one)


def _wrong_rows(number: int) -> Block:
    segment, raw = _rows(f"rows{number}")
    lie = replace(segment, rows_root=Digest.of(b"another root"))
    one = _crawl(institution(number), f"rows{number}", (lie, raw))
    return _block("wrong rows", [(one.leaf(), True), (one.segment_leaf(), False)], one)


def _no_parquet(number: int) -> Block:
    junk = b"PAR1 but for the beginning" + bytes([number])
    segment = replace(_rows(f"junk{number}")[0], digest=Digest.of(junk))
    one = _crawl(institution(number), f"junk{number}", (segment, junk))
    return _block("no Parquet", [(one.leaf(), True), (one.segment_leaf(), False)], one)


def _stray(number: int) -> Block:
    """A segment that its statement lists, but behind another statement."""
    who = institution(number)
    one = _crawl(who, f"stray{number}", _rows(f"stray{number}"), _rows(f"late{number}"))
    two = _crawl(who, f"between{number}", _rows(f"between{number}"))
    leaves = [
        (one.leaf(), True), (one.segment_leaf(0), True), (two.leaf(), True), (one.segment_leaf(1), False),
    ]  # fmt: skip
    return _block("stray", leaves, one, two)


def _doubled(number: int) -> Block:
    one = _crawl(institution(number), f"doubled{number}", _rows(f"doubled{number}"))
    statement, segment = one.leaf(), one.segment_leaf()
    leaves = [(statement, True), (segment, True), (segment, False), (statement, False), (segment, False)]
    return _block("doubled", leaves, one)


def _garbage(number: int) -> Block:
    nothing = StatementLeaf(Digest.of(b"{}")).encode()
    leaves = [(b"\xffno leaf", False), (canonical_json({"type": "later"}), True), (nothing, False)]
    return replace(_block("garbage", leaves), blobs={Digest.of(b"{}"): b"{}"})


def _parted(number: int) -> Block:
    """Something between a statement and its second segment, which so no longer stands behind it."""
    who = institution(number)
    one = _crawl(who, f"parted{number}", _rows(f"parted{number}"), _rows(f"after{number}"))
    wedge = canonical_json({"type": "later", "wedge": True})
    leaves = [(one.leaf(), True), (one.segment_leaf(0), True), (wedge, True), (one.segment_leaf(1), False)]
    return _block("parted", leaves, one)


def _twice_described(number: int) -> Block:
    """One segment under two statements, the first of which lies about its rows."""
    who, (segment, raw) = institution(number), _rows(f"twice{number}")
    lie = _crawl(who, f"lie{number}", (replace(segment, rows_root=Digest.of(b"another root")), raw))
    truth = _crawl(who, f"truth{number}", (segment, raw))
    leaves = [
        (lie.leaf(), True), (lie.segment_leaf(), False), (truth.leaf(), True), (truth.segment_leaf(), True),
    ]  # fmt: skip
    return _block("twice described", leaves, lie, truth)


_HOSTILE: tuple[Callable[[int], Block], ...] = (
    _forged, _tampered, _stolen, _unlisted, _misdescribed, _wrong_rows, _no_parquet, _stray, _doubled,
    _garbage, _parted, _twice_described,
)  # fmt: skip
HOSTILE_BLOCKS = len(_HOSTILE)


@cache
def hostile(number: int, kind: int) -> Block:
    """A block that tries to get a row in which does not belong there."""
    return _HOSTILE[kind](number)
