"""How the commands of datasets tell of a version that was made, or would be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from node.cli.output import Output
from node.cli.visible import one_line

if TYPE_CHECKING:
    from node.datasets.create import Draft
    from node.datasets.known import KnownDataset
    from provenance.statement.kinds import Changes


def tell_new(output: Output, known: KnownDataset, draft: Draft) -> None:
    """Tell of a version that was signed."""
    from node.datasets.told import dataset_fields

    made = known.version
    fields = {"type": "summary", **dataset_fields(known), **_counts(draft)}
    lines = [f"{one_line(made.title)}, version {made.number}: {made.count:,} images", str(known.digest)]
    output.item(fields, "\n".join([*lines, *_words(draft, made.changes)]))
    output.say(f"Cite it: vasculum cite {known.digest.hex[:12]}")


def tell_draft(output: Output, draft: Draft, changes: Changes | None = None) -> None:
    """Tell what would be signed, and what keeps it from being so."""
    from manifests.errors import LicencesRefused

    refused = None
    try:
        draft.report.check(allow_unknown=draft.order.allow_unknown)
    except LicencesRefused as error:
        refused = str(error)
    title = one_line(draft.order.title)
    lines = [f"{title}: {draft.made.count:,} images; nothing is signed", *_words(draft, changes)]
    fields = {
        "type": "summary",
        "title": draft.order.title,
        "members": draft.made.count,
        "manifest": draft.made.manifest.uri,
        "refused": refused,
        "changes": None if changes is None else _changes(changes),
        **_counts(draft),
    }
    output.item(fields, "\n".join(lines))
    if refused is not None:
        output.say(f"It would be refused. {refused}")


def change_words(changes: Changes) -> str:
    """In words: what a version has other than the one before."""
    counts = _changes(changes)
    return ", ".join(f"{count:,} {word}" for word, count in counts.items())


def licence_words(licences: Mapping[str, Any]) -> str:
    """In words: how many images have which licence."""
    known = [f"{count:,} {name}" for name, count in licences["members"].items()]
    rest = [f"{licences[word]:,} {word}" for word in ("unknown", "contradictory") if licences[word]]
    return ", ".join([*known, *rest]) or "none"


def whole_words(licences: Mapping[str, Any]) -> str | None:
    """In words: what the licence of the compilation does not cover; None if there is nothing to say."""
    from manifests.dataset.licences import words_of_whole

    return words_of_whole(licences["compilation"], licences["members"])


def split_words(splits: Mapping[str, int]) -> str:
    """In words: how many images are in which split."""
    from manifests.dataset.member import SPLITS

    return ", ".join(f"{name} {splits[name]:,}" for name in SPLITS if name in splits)


def _counts(draft: Draft) -> dict[str, Any]:
    sheet = json.loads(draft.made.datasheet)
    return {
        "licences": sheet["licences"],
        "licenceNote": whole_words(sheet["licences"]),
        "splits": sheet["splits"],
        "leftOut": draft.left_out,
    }


def _words(draft: Draft, changes: Changes | None) -> list[str]:
    sheet = json.loads(draft.made.datasheet)
    lines = [f"  licences  {licence_words(sheet['licences'])}"]
    lines += [f"            {note}"] if (note := whole_words(sheet["licences"])) else []
    lines += [f"  splits    {split_words(sheet['splits'])}"] if sheet["splits"] else []
    lines += [f"  changes   {change_words(changes)}"] if changes is not None else []
    return lines + ([f"  left out  {draft.left_out:,} that are withdrawn"] if draft.left_out else [])


def _changes(changes: Changes) -> dict[str, int]:
    return {
        "added": changes.added,
        "removed": changes.removed,
        "changed": changes.changed,
        "withdrawn": changes.withdrawn,
    }
