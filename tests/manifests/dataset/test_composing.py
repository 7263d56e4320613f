"""Candidates become members by the recipe alone; datasheet and attribution say what they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from manifests.citing import Creator
from manifests.dataset.attribution import attribution_file, credit
from manifests.dataset.candidate import Candidate
from manifests.dataset.compose import compose_members
from manifests.dataset.datasheet import Datasheet, balance
from manifests.dataset.datasheet_read import read_datasheet
from manifests.dataset.datasheet_text import datasheet_text, plain
from manifests.dataset.description import DatasetKind, Description
from manifests.dataset.labels import Labelled
from manifests.dataset.member import Member, Region
from manifests.dataset.recipe import GroupBy, Recipe, SplitRecipe, label_table
from manifests.errors import DamagedManifest, RecipeRefused

DIGESTS = sorted(Digest.of(b"%d" % number) for number in range(6))

CANDIDATES = [
    Candidate(
        digest,
        100 * place,
        "image/jpeg",
        license="CC0-1.0" if place else None,
        contradictory=place == 0,
        creator="Ann | Drew",
        attribution="Ann | Drew" if place else "",
        label="oak" if place % 2 else None,
        specimens=(f"s{place // 2}",),
        gatherings=(f"g{place // 4}",),
        side=None if place % 2 else 100 * place,
        facets=("SE" if place else None, "1890", None, "Fagaceae", "A", None),
    )
    for place, digest in enumerate(DIGESTS)
]
LEAF, STEM = Region("leaf", (0, 0, 1, 1)), Region("stem", (0, 0, 2, 2))
LABELS = {DIGESTS[1]: Labelled("oak", (LEAF, STEM)), DIGESTS[2]: Labelled(None, (STEM,))}
FILE = Digest.of(b"labels")
DESCRIPTION = Description(
    Digest.of(b"s"), Digest.of(b"m"), 6, "Oaks *of* Sweden", (Creator("Muñoz", "Ana"),), "CC-BY-4.0", 2,
    datetime(2026, 11, 23, tzinfo=UTC), "Alder Herbarium", "alder.test/log", "Many.", ("oak",),
    DatasetKind.BENCHMARK, "macro F1", 1,
)  # fmt: skip


def members(
    recipe: Recipe, labels: Mapping[Digest, Labelled] | None = None, left_out: Iterable[Digest] = ()
) -> list[Member]:
    return [member for _, member in compose_members(lambda: CANDIDATES, recipe, labels or {}, set(left_out))]


def places(found: list[Member]) -> list[int]:
    return [DIGESTS.index(member.digest) for member in found]


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (Recipe(), [0, 1, 2, 3, 4, 5]),
        (Recipe(smallest=100, largest=300), [1, 2, 3]),
        (Recipe(shortest_side=200), [2, 4]),
        (Recipe(label_by="family", only_labelled=True), [1, 3, 5]),
        (Recipe(labels=FILE, only_labelled=True), [1, 2]),
        (Recipe(labels=FILE, segments_of="leaf"), [1]),
        (Recipe(labels=FILE, segments_of="Leaf"), []),
    ],
)
def test_a_recipe_chooses(recipe: Recipe, expected: list[int]) -> None:
    labels = LABELS if recipe.labels else None
    assert places(members(recipe, labels)) == expected
    assert places(members(recipe, labels, DIGESTS[1:2])) == [place for place in expected if place != 1]


def test_only_regions_of_the_class_are_kept() -> None:
    (found,) = members(Recipe(labels=FILE, segments_of="leaf"), LABELS)
    assert (found.label, found.regions) == ("oak", (LEAF,))


@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize(("group_by", "width"), [(GroupBy.SPECIMEN, 2), (GroupBy.GATHERING, 4)])
def test_a_split_parts_no_specimen_or_gathering(group_by: GroupBy, width: int, stratified: bool) -> None:
    for seed in range(20):
        split = SplitRecipe((1, 1, 1), str(seed), stratified, group_by)
        found = members(Recipe(label_by="family", split=split))
        for place, member in enumerate(found):
            assert member.split == found[place // width * width].split


@pytest.mark.parametrize("group_by", list(GroupBy))
def test_a_split_parts_no_copies_of_one_picture(group_by: GroupBy) -> None:
    copies = [
        replace(one, pixels="ab" * 32 if place in (0, 5) else None) for place, one in enumerate(CANDIDATES)
    ]
    for seed in range(20):
        recipe = Recipe(split=SplitRecipe((1, 1, 1), str(seed), False, group_by))
        found = [member for _, member in compose_members(lambda: copies, recipe, {})]
        assert found[0].split == found[5].split


def test_labels_come_from_a_column_of_specimen_or_medium() -> None:
    assert (label_table("family"), label_table("subjectPart")) == ("specimen", "media")
    for column in ("salt", "source", "interpretedYear", "nothing", 'a"; DROP TABLE media'):
        with pytest.raises(RecipeRefused):
            label_table(column)


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ({"credit": " © A ", "creator": "B"}, "© A"),
        ({"creator": "B", "rightsHolder": "C"}, "B / C"),
        ({"creator": "B", "rightsHolder": "B", "owner": "D"}, "B"),
        ({"rightsHolder": "C\nD"}, "C D"),
        ({"owner": "D"}, "D"),
        ({"creator": " "}, "INST"),
    ],
)
def test_who_is_credited(media: dict[str, str], expected: str) -> None:
    assert credit(media, "INST") == expected
    assert credit({}, None) == ""


def test_the_attribution_file_credits_each_image_under_its_licence() -> None:
    text = "".join(attribution_file(DESCRIPTION, members(Recipe())))
    assert text.startswith(DESCRIPTION.citation)
    assert f"Unknown. licence unknown. {DIGESTS[0]}\n" in text
    assert f"Ann | Drew. CC0-1.0, https://spdx.org/licenses/CC0-1.0. {DIGESTS[5]}\n" in text


def test_a_datasheet_counts_what_passes() -> None:
    sheet, document = counted()
    assert (sheet.members, sheet.bytes) == (6, 1500)
    assert document["licences"] == {
        "compilation": "CC-BY-4.0",
        "members": {"CC0-1.0": 5},
        "unknown": 0,
        "contradictory": 1,
    }
    assert document["specimens"] == 3
    assert document["labels"]["most"] == [{"value": "oak", "members": 3}]
    assert document["balance"]["country"]["unknown"] == 1


def counted() -> tuple[Datasheet, dict[str, Any]]:
    sheet = Datasheet()
    list(sheet.watch(compose_members(lambda: CANDIDATES, Recipe(), {})))
    return sheet, json.loads(sheet.data(sheet.report("CC-BY-4.0", parts=False)))


@pytest.mark.parametrize(
    ("counts", "effective"),
    [({}, "0.00"), ({"a": 5}, "1.00"), ({"a": 1, "b": 1, "c": 1}, "3.00"), ({"a": 2, "b": 1}, "1.80")],
)
def test_balance_is_over_how_many_equal_values_the_same_unevenness_would_come(
    counts: dict[str | None, int], effective: str
) -> None:
    assert balance(counts)["effective"] == effective
    assert balance({**counts, None: 9})["effective"] == effective


def test_the_datasheet_for_people_says_all_that_and_shows_text_as_it_is() -> None:
    _, document = counted()
    text = datasheet_text(DESCRIPTION, document, ["filter <all> of | them"])
    assert r"# Oaks \*of\* Sweden, version 2" in text
    assert r"filter \<all\> of \| them" in text
    assert "| SE | 5 |" in text
    assert "| unknown | 1 |" in text
    assert "1 of them were withdrawn since" in text
    assert plain("[a](javascript:x)\n# b") == r"\[a\]\(javascript:x\) \# b"


def test_a_datasheet_is_read_as_it_was_written_with_what_a_later_version_adds() -> None:
    sheet, document = counted()
    assert read_datasheet(sheet.data(sheet.report("CC-BY-4.0", parts=False))) == document
    later = {**document, "format": "vasculum-datasheet/2", "pixels": [1]}
    assert read_datasheet(canonical_json(later)) == later


@pytest.mark.parametrize(
    "changed",
    [
        {"members": "6"}, {"members": -1}, {"bytes": True}, {"licences": []}, {"splits": {"train": None}},
        {"splits": {"=1+1": 1}}, {"labels": {}}, {"balance": {}},
        {"licences": {"members": {"](http://x.test)": 1}, "unknown": 0, "contradictory": 0}},
        {"regions": {"known": 1, "unknown": 0, "distinct": 1, "effective": "1.00", "most": ["a"]}},
    ],
)  # fmt: skip
def test_a_datasheet_that_somebody_made_up_is_refused(changed: dict[str, Json]) -> None:
    _, document = counted()
    with pytest.raises(DamagedManifest):
        read_datasheet(canonical_json({**document, **changed}))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"[" * 5000, b"\xff", b'{"members":1.5}'])
def test_bytes_that_are_no_datasheet_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedManifest):
        read_datasheet(data)


def test_a_citation_says_how_many_were_withdrawn() -> None:
    assert "Version 2 (6 images; 1 withdrawn)" in DESCRIPTION.citation
    assert "Version 2 (6 images)." in replace(DESCRIPTION, withdrawn=0).citation
