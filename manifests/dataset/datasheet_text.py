"""The datasheet for people, in Markdown, under the heads of Gebru et al., Datasheets for Datasets (2021)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from manifests.citing.thing import one_line
from manifests.dataset.description import Description
from manifests.dataset.licences import ADDRESS
from manifests.dataset.member import SPLITS

_HEADS = {
    "country": "Countries",
    "decade": "Decades of collecting",
    "class": "Classes",
    "family": "Families",
    "institution": "Institutions",
    "typeStatus": "Kinds of type",
}
_MOST_SHOWN = 15
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")


def datasheet_text(description: Description, sheet: Mapping[str, Any], made_of: Sequence[str]) -> str:
    """The datasheet of a version.

    Args:
        description: What the version says of itself.
        sheet: The datasheet as JSON (spec/datasets.md).
        made_of: In words, the filter, the logs, and how labels and splits came about.

    Returns:
        Markdown, ending in a newline.
    """
    parts = [
        f"# {plain(description.title)}, version {description.version}",
        plain(description.description) if description.description else "",
        f"> {plain(description.citation)}",
        "## Composition",
        *_composition(description, sheet),
        "## How it was made",
        "\n".join(f"- {plain(line)}" for line in made_of),
        "## Balance",
        "`effective` is over how many values the same unevenness would come, were they equally common "
        "(Hill number of order 2).",
        *(part for name, head in _HEADS.items() for part in _table(head, sheet["balance"][name])),
        "## Licences",
        *_licences(description, sheet["licences"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _composition(description: Description, sheet: Mapping[str, Any]) -> Iterator[str]:
    gone = f" {description.withdrawn:,} of them were withdrawn since." if description.withdrawn else ""
    yield (
        f"{sheet['members']:,} images of {sheet['specimens']:,} specimens, {sheet['bytes']:,} bytes.{gone} "
        f"Kind: {description.kind.value}"
        + (f", measured by {plain(description.metric)}." if description.metric else ".")
    )
    if splits := sheet["splits"]:
        yield "Splits: " + ", ".join(f"{name} {splits[name]:,}" for name in SPLITS if name in splits) + "."
    for head, name in (("Labels", "labels"), ("Labelled regions", "regions")):
        if sheet[name]["known"]:
            yield from _table(head, sheet[name])


def _table(head: str, counts: Mapping[str, Any]) -> Iterator[str]:
    if not counts["known"]:
        yield f"### {head}\n\nUnknown for all {counts['unknown']:,}."
        return
    shown = counts["most"][:_MOST_SHOWN]
    rows = [f"| {plain(row['value'])} | {row['members']:,} |" for row in shown]
    rest = counts["known"] - sum(row["members"] for row in shown)
    if counts["distinct"] > len(shown):
        rows.append(f"| {counts['distinct'] - len(shown):,} others | {rest:,} |")
    if counts["unknown"]:
        rows.append(f"| unknown | {counts['unknown']:,} |")
    yield f"### {head}\n\n{counts['distinct']:,} distinct, effective {counts['effective']}."
    yield "\n".join(["| value | images |", "|---|---:|", *rows])


def _licences(description: Description, licences: Mapping[str, Any]) -> Iterator[str]:
    yield f"The compilation: [{description.license}]({ADDRESS}{description.license}). Each image has its own:"
    rows = [f"| [{name}]({ADDRESS}{name}) | {count:,} |" for name, count in licences["members"].items()]
    rows += [f"| unknown | {licences['unknown']:,} |"] if licences["unknown"] else []
    rows += [f"| contradictory | {licences['contradictory']:,} |"] if licences["contradictory"] else []
    yield "\n".join(["| licence | images |", "|---|---:|", *rows])
