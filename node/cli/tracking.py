"""How `track` and `add` tell what they do, and what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from hashstore.digest import Digest
from node.cli.exits import Exit
from node.cli.output import Output
from node.track import TrackSummary
from node.track.model import Bar

_MOST_TOLD = 10


class Teller:
    """The listener of a crawl: JSON lines for machines, a few plain lines for people."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._told: Counter[str] = Counter()

    def say(self, text: str) -> None:
        """A sentence for a person."""
        self._output.say(text)

    def phase(self, label: str, total: int | None) -> AbstractContextManager[Bar]:
        """A phase with its progress."""
        if not self._output.json:
            self._output.say(label + ("" if total is None else f" ({total:,})"))
        return self._output.progress(label, total)

    def item(self, kind: str, fields: Mapping[str, Any]) -> None:
        """One thing that is durable now."""
        if self._output.json:
            written = {name: _written(value) for name, value in fields.items() if value is not None}
            self._output.item({"type": kind, **written})
            return
        if self._output.quiet:
            return
        if text := _trouble(kind, fields):
            self._told[kind] += 1
            if self._told[kind] <= _MOST_TOLD:
                self._output.say("  " + text)
            elif self._told[kind] == _MOST_TOLD + 1:
                self._output.say("  ... and more; --json names every one.")


def _written(value: Any) -> Any:
    return Digest(value).uri if isinstance(value, bytes) else value


def _trouble(kind: str, fields: Mapping[str, Any]) -> str | None:
    """What a person wants to hear of one by one: not what went well."""
    if kind == "refused":
        return f"refused: {fields['reason']}"
    if kind == "quarantined":
        return f"quarantined: {fields['file']} line {fields['line']}: {fields['message']}"
    if kind == "capture" and fields["outcome"] in ("failed", "gone"):
        kept = "; the copy we hold stays" if fields["lastKnown"] else ""
        return f"{fields['outcome']}: {_reason(fields).removesuffix('.')}{kept}"
    if kind == "capture" and fields["revisionOf"]:
        return f"changed: {fields['url']}"
    if kind == "change":
        return _change(fields)
    return None


def _reason(fields: Mapping[str, Any]) -> str:
    """Why something could not be had, with its address once."""
    url, message = fields["url"], fields["message"] or fields["reason"]
    return message if url in message else f"{url}: {message}"


def _change(fields: Mapping[str, Any]) -> str:
    text = f"{fields['change']}: {fields['table']} {fields['name']}"
    for name, (before, after) in fields["columns"].items():
        text += f"\n    {name}: {_shown(before)} -> {_shown(after)}"
    return text


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


def tell_summary(output: Output, summary: TrackSummary) -> Exit:
    """The last line of a crawl; returns how the command ends."""
    fields = {"type": "summary", **summary.fields()}
    output.item(fields, "\n".join(_sentences(summary)))
    return Exit.PARTIAL if summary.partial else Exit.OK


def _sentences(summary: TrackSummary) -> list[str]:
    lines = []
    if summary.rows:
        parts = ", ".join(f"{count:,} in {file}" for file, count in sorted(summary.rows.items()))
        lines.append(f"Records:  {parts}; {summary.quarantined:,} quarantined")
    for table, counts in summary.changes.items():
        lines.append(f"Changes:  {table}: {_counts(counts)}")
    for table, counts in summary.flagged.items():
        lines.append(f"Flagged:  {table}: {_by_number(counts)}")
    if summary.unlinked:
        lines.append(
            f"Unlinked: media: {summary.unlinked:,} name a specimen that the source lacks. Their images are "
            "kept, and `ls images` and slices have them; `search` finds records alone. Ask the publisher."
        )
    if any(summary.images.values()):
        lines.append(f"Images:   {_counts(summary.images)}")
    if any(summary.files.values()):
        lines.append(f"Files:    {_counts(summary.files)}")
    if summary.refused:
        lines.append(f"Refused:  {summary.refused:,} sources")
    lines.append(f"Signed:   {summary.statement}")
    lines.append(f"Log:      entry {summary.log_index} of {summary.log_size}")
    return lines


def _by_number(counts: Mapping[str, int]) -> str:
    """The codes, the most frequent first."""
    return ", ".join(
        f"{count:,} {code}" for code, count in sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none"
