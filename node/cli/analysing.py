"""How runs of analyzers are told, by `analyze` and after `track`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.output import Output

if TYPE_CHECKING:
    from analyzers.output import Failure
    from node.analysis.run import Analysed, Told
    from node.compose import Node

_MOST_TOLD = 10


@contextmanager
def telling(output: Output, name: str) -> Iterator[Told]:
    """A progress bar for one analyzer, and a line for each image that it fails on."""
    from node.analysis.run import Told

    failures: list[Failure] = []
    with output.progress(f"{name}: reading images", None) as bar:
        yield Told(bar.resize, bar.advance, lambda failure: _tell(output, failure, failures))


def _tell(output: Output, failure: Failure, told: list[Failure]) -> None:
    told.append(failure)
    reason = {"reason": failure.failing.value, "words": failure.words}
    words = f"{failure.input.digest}: {failure.failing.value}: {failure.words}"
    fields = {"type": "failure", **failure.input.document(), **reason}
    output.item(fields, words if len(told) <= _MOST_TOLD else None)


def sum_up(output: Output, node: Node, name: str, done: Analysed) -> Exit:
    """Tell what a run came to; returns how the command ends."""
    tally = done.tally
    fields = {
        "images": done.members,
        "before": done.before,
        "analyzed": tally.analyzed,
        "unreadable": tally.unreadable,
        "failed": len(done.failures),
        "findings": tally.findings,
        "statement": done.statement.uri if done.statement else None,
    }
    words = [f"{name}: {done.members:,} images: {tally.analyzed:,} read now, {done.before:,} before."]
    if tally.unreadable:
        words.append(f"{tally.unreadable:,} could not be decoded, which is noted.")
    if done.failures:
        words.append(f"{len(done.failures):,} are left without result; run it again to try those.")
    if done.statement:
        words.append(f"{tally.findings:,} findings, signed: {done.statement.uri}")
    output.item({"type": "summary", "analyzer": name, **fields}, "\n".join(words))
    if done.statement:
        ask_witnesses(output, node)
    return Exit.PARTIAL if done.failures else Exit.OK


def analyse_after_track(output: Output, node: Node) -> Exit:
    """Run the standing analyzers, if node.toml wants them after a crawl."""
    standing = node.config.analysis
    if not (standing.after_track and standing.analyzers):
        return Exit.OK
    return analyse_all(output, node)


def analyse_all(output: Output, node: Node) -> Exit:
    """Run the standing analyzers; returns the worst of how they end."""
    from node.analysis.standing import analyse_standing

    ends = [
        sum_up(output, node, name, done)
        for name, done in analyse_standing(node, lambda name: telling(output, name))
    ]
    return max(ends, default=Exit.OK)
