"""Versions of datasets that a followed log may sign: each is read and told whole, or refused in words."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.citing import FORMATS
from node.compose import open_node
from node.datasets.known import KnownDataset, find_dataset
from node.datasets.told import dataset_fields, recipe_words
from node.layout import Layout
from node.notices.feed import feed_bytes
from node.notices.feeds import _dataset_feed
from node.notices.times import statement_time
from provenance.errors import ProvenanceError
from provenance.statement import Statement, parse_statement
from provenance.statement.kinds.dataset_version import read_dataset_version

FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
HOSTILE: tuple[Any, ...] = (
    None, "", " ", "\u2028", "\u202e", 0, -1, True, 1.5, [], {}, ["a"], [{}], [[]], {"id": "#x"}, FIRST, LAST,
    "2026-01-01", "2026-01-01T00:00:00", "9" * 30, "-1", "0", "1e9", "٣", "x" * 10_000,
    "javascript:alert(1)", "]]><x", "hash://sha256/00",
)  # fmt: skip


@pytest.fixture(scope="module")
def document(made_once: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    node = open_node(Layout(made_once[0]))
    with node.index() as index:
        known = find_dataset(node, index, "All of it")
    found = dict(parse_statement(node.store.read(known.digest)).unsigned)
    # What it could also have.
    found |= {"description": "Words", "keyword": ["a"], "metric": "F1", "isVersionOf": found["id"]}
    found["recipe"] = {**found["recipe"], "smallest": "1", "segmentsOf": "label", "shortestSide": "2"}
    return found


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in inner:
        yield (*path, name)
        yield from _places(below, (*path, name))


def _with(document: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed: Any = copy.deepcopy(document)
    holder = changed
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = value
    assert isinstance(changed, dict)
    return changed


@settings(max_examples=300)
@given(st.integers(0, 10_000), st.sampled_from(HOSTILE))
@example(0, FIRST)
def test_a_version_is_told_whole_or_refused(document: dict[str, Any], number: int, value: Any) -> None:
    places = [place for place in _places(document) if place[0] not in ("@context", "id", "type")]
    _tell(_with(document, places[number % len(places)], value))


@pytest.mark.parametrize("when", [FIRST, LAST, "2026-01-01T00:00:00", "never"])
def test_a_time_that_no_calendar_has_is_no_time(document: dict[str, Any], when: str) -> None:
    changed = {**document, "generatedAtTime": when}
    assert statement_time(changed) is None
    with pytest.raises(ProvenanceError, match="generatedAtTime"):
        _tell(changed, refused=True)


def _tell(document: dict[str, Any], *, refused: bool = False) -> None:
    raw = json.dumps(document).encode()
    try:
        version = read_dataset_version(Statement(raw, document["id"]))
    except ProvenanceError:
        if refused:
            raise
        return
    known = KnownDataset(Digest.of(raw), version, "hostile.test/log", 1, 1)
    json.dumps(dataset_fields(known))
    recipe_words(version.recipe)
    feed_bytes(_dataset_feed("/feeds/datasets/x.atom", [known]))
    for cite in FORMATS.values():
        cite(known.description().cited)
