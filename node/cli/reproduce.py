"""`vasculum reproduce`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.cosigning import ask_witnesses
from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import fetching, sources

if TYPE_CHECKING:
    from node.analysis.reproduce import ItemCompared, Reproduced

_MOST_TOLD = 10
_WORDS = {
    "identical": "Identical: the same was found, bit for bit.",
    "within-tolerance": "Within tolerance: it differs by no more than the analyzer declares.",
    "different": "Different: something else was found here.",
    "incomplete": "Incomplete: some images could not be run again.",
}


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

    H is a run, or the row of a finding. Code, models, parameters and images are brought from whoever has
    them, by digest. Code that is not the one installed here runs in a sandbox (bubblewrap). Exit code 0 means
    identical or within tolerance, 3 that some images could not be run again, 4 that something else was found.
    """
    from node.analysis.earlier import find_run
    from node.analysis.reproduce import attest, plan_again, run_again
    from node.analysis.run import Told
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    with node.index() as index:
        earlier = find_run(node, index, identifier)
    with fetching(node, output, urls, disks) as fetch:
        made = plan_again(node, earlier, fetch, installed=installed)
        used, told = earlier.run.analyzer, 0
        if made.plan.sandbox is not None:
            output.say("Its code is not the one installed here: it runs in the sandbox.")
        output.say(
            f"{used.name} {used.version}, run {earlier.run.ended:%Y-%m-%d} over {earlier.run.count:,} images"
        )
        with output.progress("Running again", None) as bar:
            for item in run_again(node, made, fetch, Told(bar.resize, bar.advance, str), None, workers or 0):
                told += _tell(output, item, told)
    if sign:
        attest(node, made)
    return _sum_up(output, made, sign and ask_witnesses(output, node))


def _tell(output: Output, item: ItemCompared, told: int) -> int:
    fields = {"type": "item", "digest": item.digest.uri, "verdict": item.verdict.value}
    if not item.differences:
        output.item(fields)
        return 0
    words = f"{item.verdict.value}: {item.digest}\n" + "\n".join(f"    {one}" for one in item.differences[:5])
    output.item({**fields, "differences": list(item.differences)}, words if told < _MOST_TOLD else None)
    return 1


def _sum_up(output: Output, made: Reproduced, _: object) -> Exit:
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
    output.item({"type": "summary", **fields}, "\n".join(words))
    return {"different": Exit.VERIFICATION_FAILED, "incomplete": Exit.PARTIAL}.get(made.outcome, Exit.OK)
