"""`vasculum reproduce`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
_WORST_FIRST = ("different", "incomplete", "within-tolerance", "identical")
_WORDS = {
    "identical": "Identical: the same was found, bit for bit.",
    "within-tolerance": "Within tolerance: it differs by no more than the analyzer declares.",
    "incomplete": "Incomplete: some images could not be run again.",
    "different": "Different: something else was found here.",
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

    H is a run of an analyzer or of a pipeline, the row of a finding, a finding by its name
    (hash://sha256/KEY#PLACE), a version of a dataset, or a slice; of the last two, all runs that read their
    images or made them are run again on these. Code, models, parameters and images are brought from whoever
    has them, by digest. Code that is not the one installed here runs in a sandbox (bubblewrap). Exit code 0
    means identical or within tolerance, 3 that some images could not be run again, 4 that something else was
    found.
    """
    from node.analysis.meant import find_runs
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    with node.index() as index:
        runs = find_runs(node, index, identifier)
    with fetching(node, output, urls, disks) as fetch:
        again = _Again(output, node, fetch, workers or 0, sign, installed)
        made = [again.run(earlier) if len(runs) == 1 else again.run_or_tell(earlier) for earlier in runs]
    if sign:
        ask_witnesses(output, node)
    return _sum_up(output, made)


@dataclass(frozen=True)
class _Again:
    """Runs one run again after the other, and tells item by item what came of it."""

    output: Output
    node: Node
    fetch: Fetch
    workers: int
    sign: bool
    installed: bool

    def run(self, earlier: EarlierRun) -> Reproduced:
        from node.analysis.reproduce import attest, plan_again, run_again
        from node.analysis.run import Told

        output, used, told = self.output, earlier.run.analyzer, 0
        made = plan_again(self.node, earlier, self.fetch, installed=self.installed)
        if made.plan.sandbox is not None:
            output.say("Its code is not the one installed here: it runs in the sandbox.")
        output.say(
            f"{used.name} {used.version}, run {earlier.run.ended:%Y-%m-%d} over {earlier.run.count:,} images"
        )
        with output.progress("Running again", None) as bar:
            asked = Told(bar.resize, bar.advance, str)
            for item in run_again(self.node, made, self.fetch, asked, None, self.workers):
                told += _tell(output, item, told)
        if self.sign:
            attest(self.node, made)
        return made

    def run_or_tell(self, earlier: EarlierRun) -> Reproduced | None:
        """The same for one of several; that one cannot be run here keeps nobody from the others."""
        from analyzers.errors import AnalyzerError
        from node.analysis.errors import AnalysisError

        try:
            made = self.run(earlier)
        except (AnalyzerError, AnalysisError) as error:
            fields = {
                "type": "run",
                "run": earlier.digest.uri,
                "outcome": "incomplete",
                "trouble": str(error),
            }
            self.output.item(fields, f"{earlier.run.analyzer.name}: cannot be run again: {error}")
            return None
        fields, words = _account(made)
        self.output.item({"type": "run", **fields}, words)
        return made


def _tell(output: Output, item: ItemCompared, told: int) -> int:
    fields = {"type": "item", "digest": item.digest.uri, "verdict": item.verdict.value}
    if not item.differences:
        output.item(fields)
        return 0
    words = f"{item.verdict.value}: {item.digest}\n" + "\n".join(f"    {one}" for one in item.differences[:5])
    output.item({**fields, "differences": list(item.differences)}, words if told < _MOST_TOLD else None)
    return 1


def _account(made: Reproduced) -> tuple[dict[str, Any], str]:
    """What came of one run, as fields and in words."""
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
    return fields, "\n".join(words)


def _sum_up(output: Output, made: Sequence[Reproduced | None]) -> Exit:
    outcomes = {one.outcome if one else "incomplete" for one in made}
    outcome = next(name for name in _WORST_FIRST if name in outcomes)
    if len(made) == 1 and made[0]:
        fields, words = _account(made[0])
    else:
        counts: Counter[str] = Counter()
        for one in made:
            counts.update({verdict.value: count for verdict, count in (one.counts if one else {}).items()})
        statements = [one.statement.uri for one in made if one and one.statement]
        fields = {"runs": len(made), "outcome": outcome, "items": dict(counts), "statements": statements}
        words = f"{len(made):,} runs. {_WORDS[outcome]}"
    output.item({"type": "summary", **fields}, words)
    return {"different": Exit.VERIFICATION_FAILED, "incomplete": Exit.PARTIAL}.get(outcome, Exit.OK)
