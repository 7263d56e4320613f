"""`Accept` and `Prefer` choose as RFC 9110, RFC 7240 and the Web Annotation Protocol say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.serve.negotiating import JSON_LD, Shown, accepted, preferred


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON_LD),
        ("", JSON_LD),
        ("*/*", JSON_LD),
        (JSON_LD, JSON_LD),
        ("application/json", "application/json"),
        ("application/json;q=0.4, application/ld+json;q=0.5", JSON_LD),
        ("application/ld+json;q=0.4, application/*", "application/json"),
        ("application/ld+json;q=0, */*;q=0.1", "application/json"),
        ("text/html, application/xhtml+xml", None),
        ("text/turtle", None),
        ("*/*;q=0", None),
    ],
)
def test_the_type_that_is_liked_best_is_sent(accept: str | None, expected: str | None) -> None:
    assert accepted(accept) == expected


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_field_makes_it_stumble(accept: str, prefer: str) -> None:
    assert accepted(accept) in (None, JSON_LD, "application/json")
    assert isinstance(preferred(prefer, None, whole=False), Shown)


_OA, _LDP = "http://www.w3.org/ns/oa#", "http://www.w3.org/ns/ldp#"


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        (f"{_OA}PreferContainedDescriptions", Shown(minimal=False, iris=False)),
        (f"{_OA}PreferContainedIRIs", Shown(minimal=False, iris=True)),
        (f"{_LDP}PreferMinimalContainer", Shown(minimal=True, iris=False)),
        (f"{_OA}PreferContainedIRIs {_LDP}PreferMinimalContainer", Shown(minimal=True, iris=True)),
        ("nothing that is known", Shown(minimal=False, iris=False)),
    ],
)
def test_what_is_preferred_is_told(include: str, expected: Shown) -> None:
    prefer = f'return=representation;include="{include}"'
    assert preferred(prefer, None, whole=False) == expected
    assert preferred(prefer, None, whole=True) == Shown(minimal=False, iris=False), "the address says it all"
    assert preferred(prefer, 1, whole=False).iris
