from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey, VerifierKey
from provenance.statement import Statement, issue, new_statement_id, segments_of, verify_statement
from provenance.statement.kinds import Crawl, Creator, Dataset, LogDescription, PictureReading, UsedArchive
from provenance.statement.kinds.crawl import COUNTS
from provenance.statement.kinds.log_description import read_log_description
from provenance.statement.text import plain_text

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
texts = st.text(max_size=30)
crawls = st.builds(
    Crawl,
    id=st.builds(new_statement_id),
    agent=st.just(KEY.public),
    software=st.tuples(texts.filter(str.strip), st.just("0.1.0")),
    source=st.just("https://museum.example/a b?c=[d]|é"),
    source_kind=st.just("dwca"),
    started=st.just(NOW),
    ended=st.just(NOW),
    used=st.lists(st.builds(UsedArchive, st.just(Digest.of(b"")), texts, texts), max_size=3).map(tuple),
    counts=st.dictionaries(st.sampled_from(sorted(COUNTS)), st.integers(0, 10**15)).map(
        lambda counts: tuple(counts.items())
    ),
    dataset=st.none()
    | st.builds(
        Dataset,
        title=st.none() | texts,
        creators=st.lists(st.builds(Creator, texts, st.none() | texts), max_size=3).map(tuple),
        license=st.none() | texts,
        citation=st.none() | texts,
    ),
    interrupted=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(crawls)
def test_whatever_a_source_says_of_itself_its_crawl_can_be_stated(crawl: Crawl) -> None:
    assert verify_statement(issue(crawl.document(), KEY, NOW))


def test_a_crawl_lists_its_segments_and_the_crawl_before_it(world: Any) -> None:
    document = world.crawl.document
    assert document["wasInformedBy"] == "urn:uuid:33333333-3333-4333-8333-333333333333"
    assert document["segment"][0]["id"] == f"{world.crawl.iri}#segment-1"
    assert document["counts"]["rowsRead"] == "300"
    assert document["dataset"]["title"] == "Flora of Nowhere"
    assert document["interrupted"] is False


def test_a_count_without_a_defined_name_is_refused(world: Any) -> None:
    crawl = Crawl(new_statement_id(), KEY.public, ("v", "1"), "s", "k", NOW, NOW, counts=(("rowsLost", 1),))
    with pytest.raises(MalformedStatement, match="rowsLost"):
        crawl.document()


@pytest.mark.parametrize("entry", [{}, {"blob": "x"}, "text", {"blob": 7}])
def test_a_garbled_segment_entry_is_refused(world: Any, entry: Any) -> None:
    raw = canonical_json({**world.crawl.document, "segment": [entry]})
    with pytest.raises(MalformedStatement, match="segment"):
        segments_of(Statement(raw, world.crawl.iri))
    with pytest.raises(MalformedStatement, match="no list"):
        segments_of(Statement(canonical_json({**world.crawl.document, "segment": "x"}), world.crawl.iri))


def test_a_log_description_reads_back(world: Any) -> None:
    found = read_log_description(world.description)
    assert found.document() == world.description.unsigned
    assert (found.identity, found.log_key.key) == (world.identity.public, world.signer.public)


def test_a_log_description_that_contradicts_itself_is_refused(world: Any) -> None:
    found = read_log_description(world.description)
    other = replace(found, log_key=VerifierKey("other.example", found.log_key.key)).document()
    document = world.description.document
    for changed in (
        {**document, "log": {**document["log"], "origin": "other.example"}},
        {**document, "log": other["log"] | {"verifierKey": "nonsense"}},
        {**document, "log": "x"},
        {**document, "generatedAtTime": "never"},
        {name: value for name, value in document.items() if name != "wasAttributedTo"},
        world.crawl.document,
    ):
        with pytest.raises(MalformedStatement, match="LogDescription"):
            read_log_description(Statement(canonical_json(changed), world.description.iri))


@given(st.text())
def test_plain_text_is_one_line_that_statements_allow(text: str) -> None:
    plain = plain_text(text)
    assert plain == plain_text(plain)
    assert not any(letter < " " or letter == "\x7f" for letter in plain)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert plain_text("a\ud800b") == "a?b"


def test_a_log_description_names_both_keys(world: Any) -> None:
    made = LogDescription(new_statement_id(), VerifierKey("m.example", KEY.public), KEY.public, "M", NOW)
    assert made.document()["log"]["verifierKey"] == KEY.public.vkey("m.example")


def test_doubtful_rows_and_pictures_that_were_read_can_be_stated(world: Any) -> None:
    flagged = (("media", "LICENSE_MISSING", 3), ("specimen", "ZERO_COORDINATE", 12))
    crawl = Crawl(new_statement_id(), KEY.public, ("v", "1"), "s", "k", NOW, NOW, flagged=flagged)
    document = issue(crawl.document(), KEY, NOW)
    assert verify_statement(document)
    told = [(one["table"], one["qualityFlag"], one["rows"]) for one in document.document["qualityCount"]]
    assert told == [("media", "LICENSE_MISSING", "3"), ("specimen", "ZERO_COORDINATE", "12")]
    segments = segments_of(world.crawl)
    reading = PictureReading(new_statement_id(), KEY.public, ("v", "1"), NOW, NOW, segments, 7, 1)
    statement = issue(reading.document(), KEY, NOW)
    assert verify_statement(statement)
    assert segments_of(statement) == segments
