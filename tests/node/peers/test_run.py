"""Which leaves count behind a statement: a matter of the leaves alone (spec/following.md, rules 7 to 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import Segment
from node.peers.run import MOST_SEGMENTS, Run
from provenance.keys import SigningKey
from provenance.log.leaf import SegmentLeaf
from provenance.statement import Statement, issue
from provenance.statement.kinds import Crawl

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = SigningKey(b"k" * 32)


def _segment(number: int) -> Segment:
    name = b"%d" % number
    return Segment(
        Digest.of(name),
        "capture",
        Digest.of(b"schema"),
        number + 1,
        Digest.of(b"root" + name),
        AccessClass.PUBLIC,
    )


LISTED = [_segment(number) for number in range(4)]


def _crawl(number: int, *segments: Segment) -> Statement:
    iri = f"urn:uuid:{number:08}-1111-4111-8111-111111111111"
    made = Crawl(
        iri, KEY.public, ("vasculum", "0"), "https://a.example/", "list", NOW, NOW, segments=segments
    )
    return issue(made.document(), KEY, NOW)


STATEMENT, OTHER = _crawl(1, *LISTED), _crawl(2, *LISTED)


def _leaf(segment: Segment, statement: Statement = STATEMENT) -> SegmentLeaf:
    return SegmentLeaf(
        statement.digest, segment.digest, segment.table, segment.schema, segment.rows, segment.rows_root,
        segment.access,
    )  # fmt: skip


def test_what_is_listed_counts_in_any_order() -> None:
    run = Run.of(10, STATEMENT)
    assert [run.refuses(11 + n, _leaf(s)) for n, s in enumerate(reversed(LISTED))] == [None] * 4


def test_behind_no_statement_that_counts_nothing_counts() -> None:
    for run in (Run(), Run.of(10, "it does not hold")):
        assert "behind a statement" in str(run.refuses(11, _leaf(LISTED[0])))


def test_a_leaf_names_the_statement_of_its_run() -> None:
    assert "behind a statement" in str(Run.of(10, STATEMENT).refuses(11, _leaf(LISTED[0], OTHER)))


def test_a_segment_counts_once_in_a_run() -> None:
    run = Run.of(10, STATEMENT)
    assert run.refuses(11, _leaf(LISTED[0])) is None
    assert "same segment" in str(run.refuses(12, _leaf(LISTED[0])))


def test_what_is_not_listed_does_not_count() -> None:
    assert "does not list" in str(Run.of(10, STATEMENT).refuses(11, _leaf(_segment(9))))


def test_a_leaf_says_of_its_segment_what_its_statement_says() -> None:
    true = _leaf(LISTED[0])
    lies = [
        replace(true, rows=2),
        replace(true, table="specimen"),
        replace(true, schema=Digest.of(b"")),
        replace(true, rows_root=Digest.of(b"")),
        replace(true, access=AccessClass.WITHHELD),
    ]
    for lie in lies:
        assert "otherwise" in str(Run.of(10, STATEMENT).refuses(11, lie))


def test_a_run_has_an_end() -> None:
    run = Run.of(10, STATEMENT)
    assert run.refuses(10 + MOST_SEGMENTS, _leaf(LISTED[0])) is None
    assert "more than" in str(run.refuses(11 + MOST_SEGMENTS, _leaf(LISTED[1])))


_LEAVES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([STATEMENT, OTHER]), st.integers(0, 1)).map(
        lambda t: replace(_leaf(_segment(t[0]), t[1]), rows=t[0] + 1 + t[2])
    ),
    max_size=12,
)


@given(_LEAVES, st.integers(0, 12))
def test_it_does_not_matter_where_a_run_is_taken_up_again(leaves: list[SegmentLeaf], cut: int) -> None:
    whole = Run.of(10, STATEMENT)
    reasons = [whole.refuses(index, leaf) for index, leaf in enumerate(leaves, 11)]
    again = Run.of(10, STATEMENT)
    for index, leaf in enumerate(leaves[:cut], 11):
        again.refuses(index, leaf)
    rest = [again.refuses(index, leaf) for index, leaf in enumerate(leaves[cut:], 11 + cut)]
    assert rest == reasons[cut:]
