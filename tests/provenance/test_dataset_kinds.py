"""Statements about datasets are signed, verified and read back as what they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.citing import Creator
from manifests.dataset.description import DatasetKind
from manifests.dataset.recipe import GroupBy, Recipe, SplitRecipe
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement import Statement, issue, new_statement_id, verify_statement
from provenance.statement.kinds import Changes, DatasetCitation, DatasetPublication, DatasetVersion
from provenance.statement.kinds.dataset_notes import MOST_CITING, read_citation, read_publication
from provenance.statement.kinds.dataset_version import read_dataset_version

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
A, B, C, D = (Digest.of(letter) for letter in (b"a", b"b", b"c", b"d"))
FIRST = DatasetVersion(
    id=new_statement_id(),
    agent=KEY.public,
    made=NOW,
    title="Oaks",
    creators=(Creator("Muñoz", "Ana"), Creator("Alder Herbarium")),
    license="CC-BY-4.0",
    publisher="Alder Herbarium",
    number=1,
    dataset=None,
    previous=None,
    slice=A,
    recipe=Recipe(),
    manifest=B,
    manifest_root=C,
    count=0,
    datasheet=D,
)
SPLIT = SplitRecipe((80, 10, 10), "42 «é»", True, GroupBy.GATHERING)
LATER = replace(
    FIRST,
    id=new_statement_id(),
    number=2,
    dataset=FIRST.id,
    previous=D,
    recipe=Recipe(
        labels=A,
        only_labelled=True,
        segments_of="leaf",
        smallest=0,
        largest=9,
        shortest_side=7,
        split=SPLIT,
        left_out=B,
    ),
    count=12,
    description="Leaves, drawn.",
    keywords=("leaf", "oak"),
    kind=DatasetKind.BENCHMARK,
    metric="mean average precision",
    unknown_licenses=True,
    changes=Changes(3, 2, 1, 4),
)


def signed(kind: Any) -> Statement:
    statement = issue(kind.document(), KEY, NOW)
    assert verify_statement(statement)
    return statement


@pytest.mark.parametrize("version", [FIRST, LATER], ids=["the first", "a later one"])
def test_a_version_reads_back(version: DatasetVersion) -> None:
    assert read_dataset_version(signed(version)) == version
    assert version.family == FIRST.id


def test_labels_of_a_column_read_back() -> None:
    made = replace(FIRST, recipe=Recipe(label_by="family", split=replace(SPLIT, group_by=GroupBy.IMAGE)))
    assert read_dataset_version(signed(made)) == made


@pytest.mark.parametrize(
    "members",
    [
        {"creator": None},
        {"creator": []},
        {"recipe": {"onlyLabelled": True, "labelBy": "x; DROP TABLE"}},
        {"recipe": {"onlyLabelled": True, "labelBy": "family", "labels": A.uri}},
        {"recipe": {"onlyLabelled": False, "split": {"shares": "0/0/0", "seed": "", "stratified": False}}},
        {"recipe": {}},
        {"manifest": "x"},
        {"manifestRoot": None},
        {"memberCount": "many"},
        {"datasetKind": "toy"},
        {"version": 1},
        {"changes": {"added": "1"}},
        {"keyword": [1]},
        {"type": "Slice"},
    ],
)
def test_a_garbled_version_is_refused(members: dict[str, Any]) -> None:
    document = {**signed(LATER).document, **members}
    garbled = Statement(canonical_json({n: v for n, v in document.items() if v is not None}), LATER.id)
    with pytest.raises(MalformedStatement):
        read_dataset_version(garbled)


def test_a_publication_reads_back() -> None:
    made = DatasetPublication(new_statement_id(), KEY.public, A, NOW)
    assert read_publication(signed(made)) == made


@pytest.mark.parametrize("evidence", [None, B])
@pytest.mark.parametrize(
    "citing", [("https://doi.org/10.1/a",), ("https://doi.org/10.1/a", "https://x.org/")]
)
def test_who_cites_reads_back(citing: tuple[str, ...], evidence: Digest | None) -> None:
    made = DatasetCitation(new_statement_id(), KEY.public, A, citing, evidence, NOW)
    assert read_citation(signed(made)) == made


@pytest.mark.parametrize("count", [0, MOST_CITING + 1])
def test_nobody_or_too_many_citing_works_are_refused(count: int) -> None:
    citing = tuple(f"https://doi.org/10.1/{number}" for number in range(count))
    with pytest.raises(MalformedStatement, match="works"):
        DatasetCitation(new_statement_id(), KEY.public, A, citing, None, NOW).document()
