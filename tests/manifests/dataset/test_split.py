"""A split follows from seed and keys alone, parts nothing that hangs together, and keeps to its shares."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.dataset.recipe import GroupBy, Recipe, SplitRecipe, parse_shares
from manifests.dataset.split import Unit, assign_splits
from manifests.errors import RecipeRefused

KEYS = st.lists(st.sampled_from([f"key {number}" for number in range(30)]), max_size=3).map(tuple)
UNITS = st.lists(st.tuples(st.sampled_from([None, "oak", "birch", "ash"]), KEYS), max_size=60).map(
    lambda drawn: [Unit(Digest.of(b"%d" % place), *one) for place, one in enumerate(drawn)]
)
SHARES = st.tuples(*[st.integers(0, 100)] * 3).filter(any)
RECIPES = st.builds(SplitRecipe, SHARES, st.text("ab¿", max_size=5), st.booleans(), st.just(GroupBy.SPECIMEN))


@given(UNITS, RECIPES)
def test_nothing_that_hangs_together_is_parted(units: list[Unit], recipe: SplitRecipe) -> None:
    splits = assign_splits(units, recipe)
    assert splits.keys() == {unit.digest for unit in units}
    sides: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        for key in unit.keys:
            sides[key].add(splits[unit.digest])
    assert all(len(of_key) == 1 for of_key in sides.values())


@given(UNITS, RECIPES, st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter(
    units: list[Unit], recipe: SplitRecipe, shuffling: random.Random
) -> None:
    other = [Unit(one.digest, one.label, one.keys[::-1]) for one in units]
    shuffling.shuffle(other)
    assert assign_splits(other, recipe) == assign_splits(units, recipe)


@given(UNITS, RECIPES)
def test_a_split_without_a_share_gets_nothing(units: list[Unit], recipe: SplitRecipe) -> None:
    found = set(assign_splits(units, recipe).values())
    for split, share in zip(("train", "validation", "test"), recipe.shares, strict=True):
        assert share or split not in found


@given(UNITS, SHARES, st.integers(0, 59))
def test_what_comes_and_goes_moves_no_other_group_unless_stratified(
    units: list[Unit], shares: tuple[int, int, int], without: int
) -> None:
    recipe = SplitRecipe(shares, "1", False, GroupBy.SPECIMEN)
    single = [Unit(unit.digest, unit.label, unit.keys[:1]) for unit in units]
    fewer = single[:without] + single[without + 1 :]
    whole = assign_splits(single, recipe)
    assert assign_splits(fewer, recipe) == {unit.digest: whole[unit.digest] for unit in fewer}


def test_a_stratified_split_keeps_the_shares_of_each_label_and_of_the_whole() -> None:
    labels = ["oak"] * 500 + ["birch"] * 40 + [f"rare {number}" for number in range(60)]
    units = [Unit(Digest.of(b"%d" % place), label, ()) for place, label in enumerate(labels)]
    splits = assign_splits(units, SplitRecipe((80, 10, 10), "7", True, GroupBy.IMAGE))
    assert Counter(splits.values()) == {"train": 480, "validation": 60, "test": 60}
    oaks = Counter(splits[unit.digest] for unit in units if unit.label == "oak")
    assert oaks == {"train": 400, "validation": 50, "test": 50}


def test_an_unstratified_split_comes_near_its_shares() -> None:
    units = [Unit(Digest.of(b"%d" % place), None, ()) for place in range(20_000)]
    found = Counter(assign_splits(units, SplitRecipe((80, 10, 10), "7", False, GroupBy.IMAGE)).values())
    assert found["train"] == pytest.approx(16_000, rel=0.02)
    assert found["test"] == pytest.approx(2_000, rel=0.1)


def test_another_seed_gives_another_split() -> None:
    units = [Unit(Digest.of(b"%d" % place), None, ()) for place in range(100)]
    one, other = (
        assign_splits(units, SplitRecipe((1, 1, 1), seed, True, GroupBy.IMAGE)) for seed in ("1", "2")
    )
    assert one != other


@pytest.mark.parametrize(
    "text", ["", "80/20", "80/10/10/0", "0.8/0.1/0.1", "-1/1/1", "80/10/10 ", "٨/١/١", "99999/0/0"]
)
def test_shares_are_three_whole_numbers(text: str) -> None:
    with pytest.raises(RecipeRefused, match="three whole numbers"):
        parse_shares(text)


def test_recipes_that_contradict_themselves_are_refused() -> None:
    split = SplitRecipe((1, 1, 1), "", True, GroupBy.IMAGE)
    with pytest.raises(RecipeRefused, match="not from both"):
        Recipe(label_by="family", labels=Digest.of(b""))
    with pytest.raises(RecipeRefused, match="need labels that say where they are"):
        Recipe(segments_of="leaf")
    with pytest.raises(RecipeRefused, match="stratified by labels"):
        Recipe(split=split)
    with pytest.raises(RecipeRefused, match="one of train"):
        SplitRecipe((0, 0, 0), "", False, GroupBy.IMAGE)
    with pytest.raises(RecipeRefused, match="controls"):
        SplitRecipe((1, 0, 0), "a\nb", False, GroupBy.IMAGE)
