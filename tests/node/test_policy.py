from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.access import AccessClass
from manifests.tables import SPECIMEN
from node.config import WithholdRule
from node.policy import Principal, decide, withheld_specimens


@pytest.mark.parametrize(
    ("principal", "access", "allowed", "status"),
    [
        (Principal.PUBLIC, AccessClass.PUBLIC, True, 200),
        (Principal.PUBLIC, AccessClass.WITHHELD, False, 404),
        (Principal.OPERATOR, AccessClass.PUBLIC, True, 200),
        (Principal.OPERATOR, AccessClass.WITHHELD, True, 200),
        (Principal.PUBLIC, AccessClass.WITHDRAWN, False, 410),
        (Principal.OPERATOR, AccessClass.WITHDRAWN, True, 200),
    ],
)
def test_the_decisions_are_those_of_the_table(
    principal: Principal, access: AccessClass, allowed: bool, status: int
) -> None:
    assert (decide(principal, access).allowed, decide(principal, access).status) == (allowed, status)


def test_the_table_of_decisions_is_complete() -> None:
    assert {(p, a) for p in Principal for a in AccessClass} == {
        (p, a) for p in ("public", "operator") for a in ("public", "withheld", "withdrawn")
    }


def _batch(*values: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"collectionCode": v} for v in values], schema=SPECIMEN.arrow)


def _withheld(named: str, *values: str | None) -> list[bool]:
    rule = WithholdRule("collectionCode", (named,))
    found: list[bool] = withheld_specimens((rule,), _batch(*values)).to_pylist()
    return found


def test_without_rules_nothing_is_withheld() -> None:
    assert withheld_specimens((), _batch("RARE", None)).to_pylist() == [False, False]


def test_a_rule_names_whole_values_and_absent_ones_never_match() -> None:
    assert _withheld("RARE", "RARE", "RARER", "not RARE", "", None) == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("named", "published"),
    [
        ("rare", "RARE"),
        ("RARE", " rare\u00a0"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Žižka", unicodedata.normalize("NFD", "žIŽKA")),
        (unicodedata.normalize("NFD", "Žižka"), "Žižka"),
        ("İZMİR", "İzmİr"),
        ("ﬁsh", "FISH"),
    ],
)
def test_no_spelling_of_a_withheld_value_slips_through(named: str, published: str) -> None:
    assert _withheld(named, published) == [True]


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20))
def test_a_value_is_always_withheld_by_a_rule_that_names_it(value: str) -> None:
    assert _withheld(value, value) == [True]


def test_several_rules_and_values_each_withhold() -> None:
    rules = (WithholdRule("collectionCode", ("A", "B")), WithholdRule("country", ("Norway",)))
    rows = [{"collectionCode": "b"}, {"country": "NORWAY", "collectionCode": "C"}, {"country": "Sweden"}]
    batch = pa.RecordBatch.from_pylist(rows, schema=SPECIMEN.arrow)
    assert withheld_specimens(rules, batch).to_pylist() == [True, True, False]
