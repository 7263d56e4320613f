"""`vasculum dataset`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from node.cli.dataset_export import export, import_
from node.cli.dataset_fetch import cited, fetch, publish
from node.cli.dataset_look import attribution, datasheet, diff, ls, show
from node.cli.dataset_parts import asked_of_parts, labels_in, labels_of_new, labels_of_next
from node.cli.dataset_telling import tell_draft, tell_new
from node.cli.filtering import filter_of
from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.size import ByteSize
from node.compose import Node, open_node
from node.layout import find_node

if TYPE_CHECKING:
    from manifests.citing import Creator
    from manifests.dataset.recipe import SplitRecipe
    from manifests.filter import Filter
    from node.datasets.create import Draft, Order


_Function = TypeVar("_Function", bound=Callable[..., Any])


@click.group(cls=Group, help="Make citable datasets out of images, version by version, and hand them over.")
def command() -> None:
    """A dataset is a slice that somebody describes, licenses and signs; each version has its own digest."""


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ABOUT = (
    click.option("--creators", "creators", multiple=True, metavar="NAME",
                 help="Who put it together: 'Family, Given', or the name of an institution; repeatable. "
                 "Default: the institution of this node."),
    click.option("--description", metavar="WORDS", help="What it is."),
    click.option("--keyword", "keywords", multiple=True, metavar="WORD", help="To find it by; repeatable."),
    click.option("--allow-unknown-licenses", "allow_unknown", is_flag=True,
                 help="Take images of unknown or contradictory licence. The dataset will say so."),
)  # fmt: skip
_RECIPE = (
    click.option("--kind", type=click.Choice(["corpus", "benchmark"]), default="corpus", show_default=True),
    click.option("--metric", metavar="WORDS", help="How methods are compared on a benchmark."),
    click.option("--label-by", metavar="COLUMN", help="Labels are the values of a column, such as family."),
    click.option("--labels", "labels_file", type=_FILE, metavar="FILE.csv",
                 help="Labels by digest: digest,label[,x,y,width,height[,polygon]]."),
    click.option("--only-labelled", is_flag=True, help="Leave out images without a label."),
    click.option("--segments", "segments_of", metavar="CLASS",
                 help="Only parts of this class, and images with one: by a labels file, or else as found."),
    click.option("--found", metavar="FILTER|@FILE",
                 help="Parts as analyzers and people found them, in place of a labels file: those of which "
                 "this holds, such as 'by:sheet-segments AND confidence>=0.8'; ALL for any."),
    click.option("--smallest", type=ByteSize(), metavar="SIZE", help="Leave out smaller images."),
    click.option("--largest", type=ByteSize(), metavar="SIZE", help="Leave out larger images."),
    click.option("--shortest-side", type=click.IntRange(1), metavar="PIXELS",
                 help="Leave out images with fewer pixels, or whose pixels no log tells."),
    click.option("--split", "shares", metavar="T/V/T", help="Shares of train, validation, test: 80/10/10."),
    click.option("--seed", default="0", show_default=True, metavar="TEXT",
                 help="Another text gives another split."),
    click.option("--stratify", is_flag=True, help="The same shares of each label."),
    click.option("--group-by", type=click.Choice(["specimen", "gathering", "image"]), default="specimen",
                 show_default=True, help="What is never parted by the split."),
)  # fmt: skip


def _options(options: tuple[Any, ...]) -> Callable[[_Function], _Function]:
    def decorate(function: _Function) -> _Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@command.command("create", cls=Command)
@click.option("--title", required=True, help="What it is called.")
@click.option("--license", required=True, metavar="SPDX", help="Of the compilation, such as CC-BY-4.0.")
@click.option(
    "--filter",
    "text",
    metavar="FILTER|@FILE",
    help="Which images, as for `search`; default: all.",
)
@click.option("--slice", "identifier", metavar="H", help="Or: the images of this slice.")
@click.option("--log", "origins", multiple=True, metavar="ORIGIN", help="Only of this log; repeatable.")
@_options(_ABOUT)
@_options(_RECIPE)
@click.option("--dry-run", is_flag=True, help="Tell what would come of it, and sign nothing.")
@click.pass_obj
def create(
    output: Output, /, text: str | None, identifier: str | None, origins: tuple[str, ...], dry_run: bool,
    **wishes: Any,
) -> None:  # fmt: skip
    """Make and sign a first version.

    It can be cited and fetched by its digest from then on; `dataset publish` lists it for everybody.
    Images of unknown or contradictory licence are refused, and so is a licence of the compilation that
    does not go with theirs.
    """
    if identifier is not None and (text is not None or origins):
        raise click.UsageError("A slice has its filter and logs: give --slice, or --filter and --log.")
    from node.datasets.create import sign

    node = open_node(find_node(output.node))
    wishes["labels"] = _labels(node, wishes, text, identifier, origins)
    order = _order(wishes)
    if dry_run:
        draft = _draft(node, order, text, identifier, origins)
        node.store.discard(draft.sealed)
        tell_draft(output, draft)
        return
    with node.writing(), output.progress("Choosing", None):
        draft = _draft(node, order, text, identifier, origins)
        known = sign(node, draft)
    tell_new(output, known, draft)


@command.command("refresh", cls=Command)
@click.argument("identifier", metavar="H")
@click.option("--title", help="Another title.")
@click.option("--license", metavar="SPDX", help="Another licence of the compilation.")
@_options(_ABOUT)
@click.option("--labels", "labels_file", type=_FILE, metavar="FILE.csv", help="Another labels file.")
@click.option("--found", metavar="FILTER|@FILE", help="Parts as they are found in the images now.")
@click.option("--dry-run", is_flag=True, help="Tell what would be other, and sign nothing.")
@click.pass_obj
def refresh(output: Output, /, identifier: str, dry_run: bool, **wishes: Any) -> None:
    """Make the next version.

    That is the same filter and recipe on the logs as they stand now. Nothing is signed if
    nothing is other. H may be the dataset's title.
    """
    from node.datasets.known import find_dataset
    from node.datasets.refresh import refresh as make

    node = open_node(find_node(output.node))
    with nullcontext() if dry_run else node.writing(), output.progress("Choosing", None):
        with node.index() as index:
            known = find_dataset(node, index, identifier)
        file, found = wishes["labels_file"], wishes["found"]
        asked = asked_of_parts(file, found, None)
        wishes["labels"] = labels_in(file) if asked is None else labels_of_next(node, asked, known)
        done = make(node, known, lambda order: _changed(order, wishes), try_only=dry_run)
    if dry_run:
        tell_draft(output, done.draft, done.changes)
    elif done.new is None:
        fields = {"type": "summary", "dataset": known.digest.uri, "new": False}
        output.item(fields, f"Nothing is other; version {known.version.number} stands: {known.digest}")
    else:
        tell_new(output, done.new, done.draft)


def _draft(
    node: Node, order: Order, text: str | None, identifier: str | None, origins: tuple[str, ...]
) -> Draft:
    from node.checklists.use import by_checklist
    from node.datasets.create import draft_of_filter, draft_of_slice
    from node.slices.known import find_slice

    with node.index() as index:
        if identifier is not None:
            return draft_of_slice(node, index, order, find_slice(node, index, identifier))
        return draft_of_filter(node, index, order, by_checklist(node, _filter(text)), origins)


def _filter(text: str | None) -> Filter:
    from node.slices.create import composed

    return composed(None if text is None else filter_of(text), {})


def _labels(
    node: Node, wishes: dict[str, Any], text: str | None, identifier: str | None, origins: tuple[str, ...]
) -> bytes | None:
    from node.checklists.use import by_checklist

    file, found = wishes["labels_file"], wishes["found"]
    if (asked := asked_of_parts(file, found, wishes["segments_of"])) is None:
        return labels_in(file)
    return labels_of_new(node, asked, by_checklist(node, _filter(text)), identifier, origins)


def _order(wishes: dict[str, Any]) -> Order:
    from manifests.dataset.description import DatasetKind
    from manifests.dataset.recipe import Recipe
    from node.datasets.create import Order

    labels, kind = wishes["labels"], DatasetKind(wishes["kind"])
    recipe = Recipe(
        label_by=wishes["label_by"],
        labels=None if labels is None else _digest(labels),
        only_labelled=wishes["only_labelled"] or kind is DatasetKind.BENCHMARK,
        segments_of=wishes["segments_of"],
        smallest=wishes["smallest"],
        largest=wishes["largest"],
        shortest_side=wishes["shortest_side"],
        split=_split(wishes),
    )
    return Order(
        title=wishes["title"],
        creators=_creators(wishes["creators"]),
        license=wishes["license"],
        description=wishes["description"] or "",
        keywords=wishes["keywords"],
        kind=kind,
        metric=wishes["metric"],
        recipe=recipe,
        labels=labels,
        allow_unknown=wishes["allow_unknown"],
    )


def _changed(order: Order, wishes: dict[str, Any]) -> Order:
    """What was wanted before, with what the command line wants otherwise."""
    given = {
        "title": wishes["title"],
        "license": wishes["license"],
        "description": wishes["description"],
        "keywords": wishes["keywords"],
        "creators": _creators(wishes["creators"]),
        "allow_unknown": wishes["allow_unknown"],
    }
    order = replace(order, **{name: value for name, value in given.items() if value})
    if (labels := wishes["labels"]) is None:
        return order
    recipe = replace(order.recipe, labels=_digest(labels), label_by=None)
    return replace(order, labels=labels, recipe=recipe)


def _split(wishes: dict[str, Any]) -> SplitRecipe | None:
    from manifests.dataset.recipe import GroupBy, SplitRecipe, parse_shares

    if wishes["shares"] is None:
        return None
    group_by = GroupBy(wishes["group_by"])
    return SplitRecipe(parse_shares(wishes["shares"]), wishes["seed"], wishes["stratify"], group_by)


def _creators(names: tuple[str, ...]) -> tuple[Creator, ...]:
    """A comma parts family and given name; a semicolon parts people."""
    from manifests.citing import Creator

    people = [one.partition(",") for name in names for one in name.split(";") if one.strip()]
    return tuple(Creator(family, given or None) for family, _, given in people)


def _digest(data: bytes) -> Any:
    from hashstore.digest import Digest

    return Digest.of(data)


for _command in (ls, show, diff, datasheet, attribution, export, import_, publish, fetch, cited):
    command.add_command(_command)
