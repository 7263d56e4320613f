"""From what rows say of images to the members of a dataset: pure, and the same on every node."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace

from hashstore.digest import Digest
from manifests.dataset.candidate import Candidate
from manifests.dataset.labels import Labelled
from manifests.dataset.member import Member
from manifests.dataset.recipe import GroupBy, Recipe, SplitRecipe
from manifests.dataset.split import Unit, assign_splits

Candidates = Callable[[], Iterable[Candidate]]
Chosen = tuple[Candidate, Member]


def compose_members(
    candidates: Candidates,
    recipe: Recipe,
    labels: Mapping[Digest, Labelled],
    left_out: Container[Digest] = (),
) -> Iterator[Chosen]:
    """The members that a recipe makes of candidates.

    Args:
        candidates: Gives them in the order of digests, each once; asked twice where there is a split.
        recipe: What is made of them.
        labels: What the labels file says; empty if there is none.
        left_out: Members that were hidden where the dataset was made.

    Yields:
        Each candidate that was chosen, with the member that came of it.
    """

    def chosen() -> Iterator[Chosen]:
        for candidate in candidates():
            if (
                candidate.digest not in left_out
                and (member := _member(candidate, recipe, labels)) is not None
            ):
                yield candidate, member

    if recipe.split is None:
        yield from chosen()
        return
    split = recipe.split
    splits = assign_splits((_unit(one, member, split) for one, member in chosen()), split)
    for candidate, member in chosen():
        yield candidate, replace(member, split=splits[member.digest])


def _member(candidate: Candidate, recipe: Recipe, labels: Mapping[Digest, Labelled]) -> Member | None:
    if not recipe.takes(candidate.size, candidate.side):
        return None
    said = labels.get(candidate.digest)
    label = candidate.label if recipe.labels is None else said.label if said else None
    regions = said.regions if said else ()
    if recipe.segments_of is not None:
        regions = tuple(region for region in regions if region.label == recipe.segments_of)
        if not regions:
            return None
    if recipe.only_labelled and label is None and not regions:
        return None
    return Member(
        digest=candidate.digest,
        size=candidate.size,
        media_type=candidate.media_type,
        media=candidate.media,
        specimen=candidate.specimen,
        license=candidate.license,
        creator=candidate.creator,
        rights_holder=candidate.rights_holder,
        attribution=candidate.attribution,
        label=label,
        split=None,
        regions=regions,
    )


def _unit(candidate: Candidate, member: Member, split: SplitRecipe) -> Unit:
    # Copies of one picture are never parted. Their key is greater than others, so it names no group of those.
    keys: tuple[str, ...] = (f"~pixels\n{candidate.pixels}",) if candidate.pixels else ()
    if split.group_by is not GroupBy.IMAGE:
        keys += candidate.specimens
    if split.group_by is GroupBy.GATHERING:
        keys += candidate.gatherings
    label = member.label or (member.regions[0].label if member.regions else None)
    return Unit(member.digest, label, tuple(sorted(keys)))
