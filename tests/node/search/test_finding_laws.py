"""What is asked of findings holds in search, and over the rows of slices, for what the reference says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.filter import Filter, matches, parse_filter, read_filter
from manifests.filter.comparing import folded
from manifests.filter.fields import FINDING_FIELDS
from node.index import Index
from node.search.found import FOUND
from node.search.run import Asked, search
from node.slices.columns import alias
from node.slices.compile import chosen, compile_filter
from node.slices.findings import FINDING_TABLES, seen

if TYPE_CHECKING:
    from tests.node.search.conftest import Odd

NAMES = ["stamp", "STAMP", "label", "tag", "label-text", "label-text@1", "sheet-segments@1", "urn:uuid:1",
         "mm", "la", "http://a/stamp", "%", "'"]  # fmt: skip
WORDS = ["crepin", "Crépin", "crépin liege", "stamp", "OEUVRE", "strasse", "lodz", "absent"]
NUMBERS = ["-3", "0", "0.15", "0.2", "0.8", "5", "999999999999999999"]
_coded = st.sampled_from([name for name, field in FINDING_FIELDS.items() if "prefix" in field.operators])
_names, _numbers = st.sampled_from(NAMES), st.sampled_from(NUMBERS)
_ends = st.one_of(
    st.builds(lambda low, first: {low: first}, st.sampled_from(["from", "over"]), _numbers),
    st.builds(lambda high, last: {high: last}, st.sampled_from(["to", "under"]), _numbers),
    st.builds(lambda first, last: {"over": first, "to": last}, _numbers, _numbers),
)
_asked = st.one_of(
    st.builds(lambda f, v: {"eq": {"field": f, "value": v}}, _coded, _names),
    st.sampled_from(["stamp", "text", "sharpness"]).map(lambda v: {"eq": {"field": "has", "value": v}}),
    st.builds(lambda f, v: {"in": {"field": f, "values": v}}, _coded, st.lists(_names, max_size=4)),
    st.builds(lambda f, v: {"prefix": {"field": f, "value": v}}, _coded, st.sampled_from(["s", "la"])),
    st.builds(lambda f: {"exists": {"field": f}}, st.sampled_from(["by", "value", "confidence", "language"])),
    st.builds(lambda f, v: {"match": {"field": f, "value": v}}, st.sampled_from(["ocr", "says"]),
              st.sampled_from(WORDS)),
    st.builds(lambda f, e: {"between": {"field": f, **e}}, st.sampled_from(["value", "confidence"]), _ends),
    st.builds(lambda v: {"eq": {"field": "finding", "value": v}}, st.sampled_from(["machine", "human"])),
    st.builds(lambda v: {"in": {"field": "review", "values": v}},
              st.lists(st.sampled_from(["accepted", "rejected", "amended", "none"]), max_size=2)),
)  # fmt: skip
_of_record = st.sampled_from(
    [{"exists": {"field": "typeStatus"}}, {"prefix": {"field": "license", "value": "cc0"}},
     {"match": {"field": "text", "value": "a"}}, {"eq": {"field": "locality", "value": "a b"}}]
)  # fmt: skip


def _joined(inner: Any) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    )


_findings = st.builds(lambda part: {"finding": part}, st.recursive(_asked, _joined, max_leaves=4))
trees = st.recursive(_findings | _findings | _of_record, _joined, max_leaves=5)


@pytest.fixture(scope="module")
def index(odd: Odd) -> Iterator[Index]:
    with Index(odd.index) as opened:
        yield opened


@settings(max_examples=50)
@given(trees)
def test_over_rows_a_filter_holds_for_the_images_for_which_the_reference_does(
    odd: Odd, index: Index, tree: Any
) -> None:
    compiled = compile_filter(parse_filter(json.dumps(tree)))
    said = "".join(f"said_{table} AS (FROM {table}), " for table in FINDING_TABLES)
    columns = "".join(f", NULL::VARCHAR AS {alias(column)}" for column in sorted(compiled.columns))
    found = "" if compiled.of_findings is None else f"{said}{seen(compiled.of_findings.columns)}, "
    unit = f"unit AS (SELECT DISTINCT digest{columns} FROM capture)"
    rows = index.rows(f"WITH {found}{unit}, {chosen(compiled, 'unit', 'digest')}", compiled.values)
    read = parse_filter(json.dumps(tree))
    expected = {
        image.raw
        for image, findings in odd.findings.items()
        if matches(read, specimen=None, media=None, findings=findings)
    }
    assert {row["digest"] for row in rows} == expected


def _fits(odd: Odd, tree: Filter, specimen: Any, media: list[Any]) -> bool:
    return any(
        matches(tree, specimen=specimen, media=one, findings=said)
        for one in media or [None]
        for said in odd.said(one)
    )


@settings(max_examples=25)
@given(trees)
def test_a_record_is_found_if_the_filter_holds_for_it_with_one_of_its_images(odd: Odd, tree: Any) -> None:
    _found_as_it_fits(odd, tree)


@pytest.mark.slow
@settings(max_examples=150)
@given(trees)
def test_a_record_is_found_by_many_filters_that_hold_for_its_images(odd: Odd, tree: Any) -> None:
    _found_as_it_fits(odd, tree)


def _found_as_it_fits(odd: Odd, tree: Any) -> None:
    read = parse_filter(json.dumps(tree))
    expected = {
        number for number, (specimen, media) in enumerate(odd.records, 1) if _fits(odd, read, specimen, media)
    }
    asked = Asked(read, limit=1000, facets=["family", "license"], values=1000)
    found = search(odd.database, asked)
    assert {hit.row.row for hit in found.hits} == expected
    assert found.total == len(expected) == len(found.hits)
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("matched._FEW", "matched._MANY", "where._LISTED", "where._RANGES"):
            patch.setattr(f"node.search.{limit}", 0)
        assert search(odd.database, asked) == found


@settings(max_examples=30)
@given(st.none() | trees, st.sampled_from(sorted(FOUND)))
def test_records_are_counted_by_all_that_is_said_of_their_images(odd: Odd, tree: Any, name: str) -> None:
    read = None if tree is None else parse_filter(json.dumps(tree))
    (facet,) = search(odd.database, Asked(read, limit=0, facets=[name], values=1000)).facets
    expected, missing = Counter[str](), 0
    for specimen, media in odd.records:
        if read is None or _fits(odd, read, specimen, media):
            values = {_value(name, row) for one in media for said in odd.said(one) for row in said} - {None}
            expected.update(value for value in values if value is not None)
            missing += not values
    assert dict(facet.values) == dict(expected)
    assert (facet.distinct, facet.missing) == (len(expected), missing)


def _value(name: str, row: Any) -> str | None:
    if name == "finding":
        return folded(row["kind"])
    return f"{row['name']}@{row['version']}" if row.get("name") else None


@given(trees)
def test_no_text_that_is_asked_of_findings_becomes_sql(tree: Any) -> None:
    """A tree of the same shape with other values gives the same SQL: the values are bound, all of them."""
    marked = json.loads(json.dumps(tree), object_hook=_marked)
    one, other = (compile_filter(parse_filter(json.dumps(each))) for each in (tree, marked))
    assert "zzmark" not in chosen(other, "unit", "digest")
    inner = [each.of_findings and each.of_findings.found for each in (one, other)]
    assert (one.condition, inner[0]) == (other.condition, inner[1])


def _marked(value: dict[str, Any]) -> dict[str, Any]:
    if "field" in value and value["field"] not in ("finding", "review", "license"):
        if "value" in value:
            value["value"] = "zzmark'; DROP TABLE leaf; --"
        if "values" in value:
            value["values"] = [f"zzmark'{n}" for n, _ in enumerate(value["values"])]
    return value


def test_what_is_asked_beside_each_other_is_asked_of_one_finding_only_if_it_says_so(odd: Odd) -> None:
    apart = search(odd.database, Asked(read_filter("has:stamp AND has:label"), limit=0)).total
    one = search(odd.database, Asked(read_filter("finding(has:stamp AND has:label)"), limit=0)).total
    sure = search(odd.database, Asked(read_filter("has:stamp AND confidence>=0.8"), limit=0)).total
    assert apart > one
    assert 0 < sure < search(odd.database, Asked(read_filter("has:stamp"), limit=0)).total
