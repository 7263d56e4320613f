"""`vasculum reproduce`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import fetching, sources

if TYPE_CHECKING:
    from node.analysis.earlier import EarlierRun
    from node.analysis.reproduce import ItemCompared, Reproduced
    from node.compose import Node
    from node.slices.bringing import Fetch

_MOST_TOLD = 10
_WORDS = {  # the later, the worse
    "identical": "Identical: the same was found, bit for bit.",
    "within-tolerance": "Within tolerance: it differs by no more than the analyzer declares.",
    "incomplete": "Incomplete: some images could not be run again.",
    "different": "Different: something else was found here.",
}
_ENDS = {"different": Exit.VERIFICATION_FAILED, "incomplete": Exit.PARTIAL}


@click.command(cls=Command)
@click.argument("identifier", metavar="H")
@click.option("--sign", is_flag=True, help="Sign what came of it, for others to see beside the result.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one for each processor.")
@click.option("--installed", is_flag=True, help="Run what is installed here, even if its code is another.")
@sources
@click.pass_obj
def command(
    output: Output,
    identifier: str,
    sign: bool,
    workers: int | None,
    installed: bool,
    urls: tuple[str, ...],
    disks: tuple[Path, ...],
) -> Exit:
    """Run an analysis again, and compare what is found with what was found then.

    H is a run of an analyzer or of a pipeline, or the row of a finding. Code, models, parameters and images
    are brought from whoever has them, by digest. Code that is not the one installed here runs in a sandbox
    (bubblewrap). Exit code 0 means identical or within tolerance, 3 that some images could not be run again,
    4 that something else was found.
    """
    from node.analysis.earlier import find_runs
    from node.analysis.reproduce import attest
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    with node.index() as index:
        runs = find_runs(node, index, identifier)
    all_made = []
    with fetching(node, output, urls, disks) as fetch:
        for earlier in runs:
            made = _again(output, node, earlier, fetch, workers or 0, installed=installed)
            if sign:
                attest(node, made)
            all_made.append(made)
            if len(runs) > 1:
                _tell_run(output, made, "run")
    if sign:
        ask_witnesses(output, node)
    if len(all_made) == 1:
        _tell_run(output, all_made[0], "summary")
    else:
        _tell_pipeline(output, all_made)
    return max((_ENDS.get(made.outcome, Exit.OK) for made in all_made), default=Exit.OK)


def _again(
    output: Output, node: Node, earlier: EarlierRun, fetch: Fetch, workers: int, *, installed: bool
) -> Reproduced:
    from node.analysis.reproduce import plan_again, run_again
    from node.analysis.run import Told

    made = plan_again(node, earlier, fetch, installed=installed)
    used, told = earlier.run.analyzer, 0
    if made.plan.sandbox is not None:
        output.say("Its code is not the one installed here: it runs in the sandbox.")
    output.say(
        f"{used.name} {used.version}, run {earlier.run.ended:%Y-%m-%d} over {earlier.run.count:,} images"
    )
    with output.progress("Running again", None) as bar:
        for item in run_again(node, made, fetch, Told(bar.resize, bar.advance, str), None, workers):
            told += _tell(output, item, told)
    return made


def _tell(output: Output, item: ItemCompared, told: int) -> int:
    fields = {"type": "item", "digest": item.digest.uri, "verdict": item.verdict.value}
    if not item.differences:
        output.item(fields)
        return 0
    words = f"{item.verdict.value}: {item.digest}\n" + "\n".join(f"    {one}" for one in item.differences[:5])
    output.item({**fields, "differences": list(item.differences)}, words if told < _MOST_TOLD else None)
    return 1


def _tell_run(output: Output, made: Reproduced, kind: str) -> None:
    counts = {verdict.value: count for verdict, count in made.counts.items()}
    words = [_WORDS[made.outcome], "  ".join(f"{count:,} {name}" for name, count in counts.items())]
    if made.surroundings:
        words += ["What is other here:", *(f"    {one}" for one in made.surroundings)]
    if made.statement:
        words.append(f"Signed: {made.statement.uri}")
    fields = {
        "sandbox": made.plan.sandbox is not None,
        "run": made.earlier.digest.uri,
        "outcome": made.outcome,
        "items": counts,
        "surroundings": made.surroundings,
        "statement": made.statement.uri if made.statement else None,
    }
    output.item({"type": kind, **fields}, "\n".join(words))


def _tell_pipeline(output: Output, all_made: Sequence[Reproduced]) -> None:
    """The runs of a pipeline come to what the worst of them came to."""
    worst = max((made.outcome for made in all_made), key=list(_WORDS).index, default="identical")
    counts: Counter[str] = Counter()
    for made in all_made:
        counts.update({verdict.value: count for verdict, count in made.counts.items()})
    statements = [made.statement.uri for made in all_made if made.statement]
    fields = {"runs": len(all_made), "outcome": worst, "items": dict(counts), "statements": statements}
    output.item({"type": "summary", **fields}, f"{len(all_made)} runs of a pipeline. {_WORDS[worst]}")
