"""What the page of a dataset version shows: all that its statement, its datasheet and the logs say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from hashstore.errors import HashstoreError
from manifests.citing import FORMATS
from manifests.dataset.description import Description
from manifests.dataset.licences import words_of_whole
from manifests.dataset.member import SPLITS, Member
from manifests.errors import ManifestError
from manifests.filter import And, Filter, written
from node.compose import Node
from node.datasets.hidden import hidden_count
from node.datasets.known import KnownDataset, versions_of
from node.datasets.shown import shown_members
from node.datasets.told import datasheet_of, recipe_words, slice_of
from node.datasets.uses import Citing, Use, citing_works, made_from, published_by
from node.errors import DatasetError
from node.index import Index

_GALLERY: Final = 12
_BARS: Final = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of a chart.

    Attributes:
        name: The value; None for all that the chart has no room for.
        members: How many images have it.
        share: Of the longest bar, in hundredths.
    """

    name: str | None
    members: int
    share: int


@dataclass(frozen=True, slots=True)
class Chart:
    """How members are spread over the values of one column.

    Attributes:
        name: The column's name in the datasheet, or `labels`.
        bars: The commonest values, the most members first.
        distinct: How many values there are.
        effective: Over how many the same unevenness would come, were they equally common.
        unknown: Members without a value.
    """

    name: str
    bars: tuple[Bar, ...]
    distinct: int
    effective: str
    unknown: int


@dataclass(frozen=True, slots=True)
class Landing:
    """A version as its page shows it.

    Attributes:
        known: The version.
        description: What it says of itself.
        hidden: Members that were withdrawn since or are withheld here; None if its manifest is not here.
        published: The logs that publish it.
        versions: All of the dataset, the newest first.
        filter: Which images were asked for, as the box of Explore takes it; None if the slice is not here.
        logs: Of which state of which logs.
        recipe: In words, what was made of these images.
        sheet: Its datasheet; None if it is not here, or tells of members that must not be told of.
        note: What the licence of the whole does not cover, in words.
        charts: How balanced it is.
        members: Some of its members.
        cited_by: Works that cite it.
        uses: What was made from it.
        citations: By format.
    """

    known: KnownDataset
    description: Description
    hidden: int | None
    published: tuple[str, ...]
    versions: tuple[KnownDataset, ...]
    filter: str | None
    logs: tuple[Mapping[str, Any], ...]
    recipe: tuple[str, ...]
    sheet: Mapping[str, Any] | None
    note: str | None
    charts: tuple[Chart, ...]
    members: tuple[Member, ...]
    cited_by: tuple[Citing, ...]
    uses: tuple[Use, ...]
    citations: Mapping[str, str]

    @property
    def newest(self) -> KnownDataset:
        """The newest version that is known here."""
        return max((self.known, *self.versions), key=lambda one: one.version.number)

    @property
    def said(self) -> frozenset[str]:
        """Which of `license`, `label` and `split` any member has, as far as the datasheet tells."""
        if self.sheet is None:
            return frozenset()
        counts = {
            "license": sum(self.sheet["licences"]["members"].values()),
            "label": self.sheet["labels"]["known"],
            "split": sum(self.sheet["splits"].values()),
        }
        return frozenset(name for name, members in counts.items() if members)


def read_landing(node: Node, index: Index, known: KnownDataset) -> Landing:
    """Gather what there is to show."""
    hidden = hidden_count(node, index, known)
    chosen, sheet = slice_of(node, known), _sheet(node, known, hidden)
    description = known.description(hidden or 0)
    return Landing(
        known,
        description,
        hidden,
        tuple(published_by(node, index, known)),
        tuple(versions_of(node, index, known)),
        None if chosen is None else _asked(chosen.filter),
        () if chosen is None else tuple({"origin": log.origin, "size": log.size} for log in chosen.state),
        tuple(recipe_words(known.version.recipe)),
        sheet,
        None if sheet is None else words_of_whole(known.version.license, sheet["licences"]["members"]),
        () if sheet is None else tuple(charts(sheet)),
        _some(node, index, known),
        tuple(citing_works(node, index, known)),
        tuple(made_from(node, index, known)),
        {"text": FORMATS["text"](description.cited).strip()},
    )


def _asked(tree: Filter) -> str:
    return "" if tree == And(()) else written(tree)


def _sheet(node: Node, known: KnownDataset, hidden: int | None) -> Mapping[str, Any] | None:
    """The datasheet, unless it counts members that are hidden, or nobody here can say whether it does."""
    if hidden != 0:
        return None
    try:
        return datasheet_of(node, known)
    except ManifestError:
        return None


def _some(node: Node, index: Index, known: KnownDataset) -> tuple[Member, ...]:
    """The first members by digest, which is as good as any that chance would choose."""
    try:
        return tuple(islice(shown_members(node, index, known), _GALLERY))
    except (DatasetError, ManifestError, HashstoreError):
        return ()


def charts(sheet: Mapping[str, Any]) -> Iterator[Chart]:
    """A chart for splits, labels and each column of a datasheet, where anything is known of it."""
    if splits := sheet["splits"]:
        counts = [(name, splits[name]) for name in SPLITS if name in splits]
        yield Chart("splits", _bars(counts, 0), len(counts), "", sheet["members"] - sum(splits.values()))
    balance: Mapping[str, Any] = sheet["balance"]
    for name, counted in {"labels": sheet["labels"], **balance}.items():
        # Labels are often the values of a column: the same chart need not stand there twice.
        if counted["known"] and (name == "labels" or counted != sheet["labels"]):
            most = [(one["value"], one["members"]) for one in counted["most"]]
            rest = counted["known"] - sum(members for _, members in most[:_BARS])
            bars = _bars(most[:_BARS], rest)
            yield Chart(name, bars, counted["distinct"], counted["effective"], counted["unknown"])


def _bars(counts: list[tuple[str, int]], rest: int) -> tuple[Bar, ...]:
    longest = max([rest, *(members for _, members in counts)], default=1) or 1
    named: list[tuple[str | None, int]] = [*counts, *([(None, rest)] if rest else [])]
    return tuple(Bar(name, members, round(100 * members / longest)) for name, members in named)
