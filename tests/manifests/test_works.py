"""Works that cite are named in one way, and read out of what DataCite and Crossref answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.citing.works import read_events, work_address
from manifests.errors import EventsRefused

OWN = "hash://sha256/" + "ab" * 32
DOI = "10.5555/Data.SET"


@pytest.mark.parametrize(
    "text",
    [
        "10.1234/AbC",
        "doi:10.1234/abc",
        " https://doi.org/10.1234/ABC ",
        "http://dx.doi.org/10.1234/aBc",
        "DOI:10.1234/abc",
    ],
)
def test_a_doi_has_one_address(text: str) -> None:
    assert work_address(text) == "https://doi.org/10.1234/abc"


@pytest.mark.parametrize(
    "text", ["", "10.1/x", "ftp://a/b", "javascript:alert(1)", "https://a b", "10.1234/<x>", "x" * 9999]
)
def test_what_is_no_work_is_refused(text: str) -> None:
    with pytest.raises(EventsRefused):
        work_address(text)


def datacite(subject: Any, relation: Any, object_: Any) -> dict[str, Any]:
    return {"attributes": {"subj-id": subject, "relation-type-id": relation, "obj-id": object_}}


def crossref(subject: str, relation: str, object_: str) -> dict[str, Any]:
    return {"subj_id": subject, "relation_type_id": relation, "obj_id": object_}


@pytest.mark.parametrize("relation", ["references", "cites", "is-supplemented-by"])
def test_events_of_datacite_are_read_both_ways(relation: str) -> None:
    events = [
        datacite("https://doi.org/10.1/paper".replace("10.1", "10.1000"), relation, f"https://doi.org/{DOI}"),
        datacite(OWN, "is-cited-by", "10.1000/OTHER"),
        datacite("10.1000/third", relation, OWN),
        datacite("10.1000/no", "is-part-of", OWN),
        datacite("10.1000/no", relation, "10.5555/else"),
        datacite(7, None, OWN),
        {"attributes": []},
        "x",
    ]
    found = read_events(json.dumps({"data": events}).encode(), [OWN, DOI])
    assert found == tuple(f"https://doi.org/10.1000/{name}" for name in ("other", "paper", "third"))


def test_events_of_crossref_are_read() -> None:
    events = [
        crossref("https://blog.example/post", "discusses", DOI),
        crossref("doi:10.1000/a", "references", DOI),
    ]
    data = json.dumps({"status": "ok", "message": {"total-results": 2.0, "events": events}}).encode()
    assert read_events(data, [DOI]) == ("https://doi.org/10.1000/a",)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"data":{}}', b"\xff", b"[" * 100_000])
def test_what_is_no_file_of_events_is_refused(data: bytes) -> None:
    with pytest.raises(EventsRefused):
        read_events(data, [OWN])


@given(st.recursive(st.none() | st.text(max_size=5) | st.floats(), lambda inner: st.lists(inner, max_size=3)))
def test_events_of_any_shape_do_no_harm(value: Any) -> None:
    data = json.dumps({"data": [value, {"attributes": value}, {"subj-id": value, "obj-id": OWN}]}).encode()
    assert read_events(data, [OWN]) == ()
