"""The recipe of a dataset as a part of its statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.dataset.recipe import GroupBy, Recipe, SplitRecipe, parse_shares
from provenance.statement.reading import count_of, digest_of, nodes_of, text_of
from provenance.statement.text import plain_text


def recipe_node(iri: str, recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON-LD.

    Args:
        iri: of the statement that it is a part of.
        recipe: the recipe.
    """
    found: dict[str, Any] = {
        "labelBy": recipe.label_by,
        "labels": recipe.labels.uri if recipe.labels else None,
        "segmentsOf": plain_text(recipe.segments_of) if recipe.segments_of is not None else None,
        "smallest": None if recipe.smallest is None else str(recipe.smallest),
        "largest": None if recipe.largest is None else str(recipe.largest),
        "shortestSide": None if recipe.shortest_side is None else str(recipe.shortest_side),
        "leftOut": recipe.left_out.uri if recipe.left_out else None,
        "split": _split(iri, recipe.split) if recipe.split else None,
    }
    given = {name: value for name, value in found.items() if value is not None}
    return {"id": f"{iri}#recipe", "type": "Recipe", "onlyLabelled": recipe.only_labelled, **given}


def read_recipe(node: Mapping[str, Any]) -> Recipe:
    """Reads a recipe.

    Raises:
        KeyError: a member is missing.
        ValueError: a member is garbled.
        RecipeRefused: it contradicts itself.
    """
    return Recipe(
        label_by=text_of(node, "labelBy") if "labelBy" in node else None,
        labels=digest_of(node, "labels") if "labels" in node else None,
        only_labelled=node["onlyLabelled"] is True,
        segments_of=text_of(node, "segmentsOf") if "segmentsOf" in node else None,
        smallest=count_of(node, "smallest") if "smallest" in node else None,
        largest=count_of(node, "largest") if "largest" in node else None,
        shortest_side=count_of(node, "shortestSide") if "shortestSide" in node else None,
        left_out=digest_of(node, "leftOut") if "leftOut" in node else None,
        split=_read_split(nodes_of(node, "split")[0]) if "split" in node else None,
    )


def _split(iri: str, split: SplitRecipe) -> dict[str, Any]:
    return {
        "id": f"{iri}#split",
        "type": "Split",
        "shares": split.text,
        "seed": split.seed,
        "stratified": split.stratified,
        "groupBy": split.group_by.value,
    }


def _read_split(node: Mapping[str, Any]) -> SplitRecipe:
    return SplitRecipe(
        parse_shares(text_of(node, "shares")),
        text_of(node, "seed"),
        node["stratified"] is True,
        GroupBy(text_of(node, "groupBy")),
    )
