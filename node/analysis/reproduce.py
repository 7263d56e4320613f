"""Run an analysis again, from what its statement names, and say exactly what is the same and what is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from analyzers.compare import Verdict, compare
from analyzers.engine.batches import batch_size, run_batches
from analyzers.output import Failure, Output, decode_result
from analyzers.registry import MADE, made_analyzer
from hashstore.canonical import Json
from hashstore.digest import Digest
from node.analysis.earlier import EarlierItem, EarlierRun, findings_of, items_of
from node.analysis.errors import AnalysisError
from node.analysis.installed import installed_usable
from node.analysis.original import plan_as_then
from node.analysis.plan import Plan, make_plan, plan_for
from node.analysis.platform import platform_text
from node.analysis.run import Told, pool_for
from node.compose import Node
from node.publish import publish, staged
from node.slices.bringing import Fetch
from provenance.statement import new_statement_id
from provenance.statement.kinds import Reproduction, UsedAnalyzer


@dataclass(frozen=True, slots=True)
class ItemCompared:
    """What came of one image.

    Attributes:
        digest: The image.
        verdict: How it compares.
        differences: What differs, in words; or why it could not be run.
    """

    digest: Digest
    verdict: Verdict
    differences: tuple[str, ...] = ()


@dataclass(slots=True)
class Reproduced:
    """What came of a reproduction.

    Attributes:
        earlier: What was run again.
        plan: What it was run with.
        started: When.
        surroundings: What is other here than there: code, models, packages, platform.
        counts: How many items came to each verdict.
        statement: The signed attestation, where one was asked for.
    """

    earlier: EarlierRun
    plan: Plan
    started: datetime
    surroundings: list[str]
    counts: Counter[Verdict] = field(default_factory=Counter)
    statement: Digest | None = None

    @property
    def outcome(self) -> str:
        """The worst that an item came to; `incomplete` if some could not be run."""
        for verdict in (Verdict.DIFFERENT, Verdict.MISSING, Verdict.WITHIN):
            if self.counts[verdict]:
                return "incomplete" if verdict is Verdict.MISSING else verdict.value
        return Verdict.IDENTICAL.value


def plan_again(node: Node, earlier: EarlierRun, fetch: Fetch, *, installed: bool = False) -> Reproduced:
    """Bring what the run was made with, and make its analyzer ready.

    Args:
        node: The node.
        earlier: What is run again.
        fetch: Brings what is not here.
        installed: Whether to run what is installed here, be it another; else code and models are those of
            then, in the sandbox if they are others than what is installed.

    Raises:
        AnalyzerError: the analyzer is not installed here, and its code can be had from nobody.
        AnalysisError: its parameters or models can be had from nobody.
        SandboxError: its code must be run in the sandbox, and there is none.
    """
    used = earlier.run.analyzer
    if used.code is None:
        raise AnalysisError(
            f"These results of {used.name} {used.version} were made elsewhere and imported; its program is "
            "not known here, so they cannot be made again."
        )
    wanted = [used.identity, *used.named]
    list(fetch([digest for digest in wanted if not node.store.contains(digest)]))
    if not node.store.contains(used.parameters):
        raise AnalysisError(f"The run's parameters, {used.parameters.uri}, are nowhere to be had.")
    with node.store.open(used.parameters) as stream:
        parameters = json.loads(stream.read())
    plan = _made_again(node, used, parameters)
    if plan is None:
        plan = make_plan(node, used.name, parameters) if installed else plan_as_then(node, used, parameters)
    return Reproduced(earlier, plan, datetime.now(UTC), list(_surroundings(earlier, plan)))


def _made_again(node: Node, used: UsedAnalyzer, parameters: Mapping[str, Json]) -> Plan | None:
    """An analyzer that is made from its models, of the same ones again; None of others."""
    if used.name not in MADE or not node.store.contains(used.identity):
        return None
    models = json.loads(node.store.read(used.identity))["models"]
    made = made_analyzer(used.name, {name: Digest.parse(digest) for name, digest in models.items()})
    return plan_for(node, installed_usable(made, {}), parameters)


def _surroundings(earlier: EarlierRun, plan: Plan) -> Iterator[str]:
    before, now = earlier.run.analyzer, plan.used
    if before.version != now.version:
        yield f"version {before.version} then, {now.version} here"
    if before.code != now.code:
        there, here = (code.uri if code else "none" for code in (before.code, now.code))
        yield f"its code: {there} then, {here} here"
    if before.models != now.models:
        yield "its models"
    for name in sorted({*before.environment, *now.environment}):
        there, here = (found.environment.get(name, "none") for found in (before, now))
        if there != here:
            yield f"{name} {there} then, {here} here"
    if before.platform != platform_text():
        yield f"the platform: {before.platform} then, {platform_text()} here"


def run_again(
    node: Node, made: Reproduced, fetch: Fetch, told: Told, executor: Executor | None = None, workers: int = 0
) -> Iterator[ItemCompared]:
    """Read each image again, and compare.

    Args:
        node: The node.
        made: What `plan_again` made; its counts grow.
        fetch: Brings images that are not here.
        told: Who is told.
        executor: Where; None for processes of this machine.
        workers: How many of those; 0 for one on each processor.
    """
    with node.index() as index:
        items = items_of(index, made.earlier)
    told.begin(len(items))
    list(fetch([item.digest for item in items if not node.store.contains(item.digest)]))
    here = [item for item in items if node.store.contains(item.digest)]
    for compared in (*_missing(node, items), *_compared(node, made, here, (executor, workers))):
        made.counts[compared.verdict] += 1
        told.advance(1)
        yield compared


def _missing(node: Node, items: Iterable[EarlierItem]) -> Iterator[ItemCompared]:
    for item in items:
        if not node.store.contains(item.digest):
            yield ItemCompared(item.digest, Verdict.MISSING, ("nobody who can be asked has its bytes",))


def _compared(
    node: Node, made: Reproduced, items: list[EarlierItem], where: tuple[Executor | None, int]
) -> Iterator[ItemCompared]:
    orders = (
        {
            "digest": item.digest.uri,
            "path": str(node.store.path(item.digest).resolve()),
            **({"region": item.region.text} if item.region else {}),
        }
        for item in items
    )
    waiting = iter(items)
    with pool_for(made.plan, *where) as (executor, window):
        for batch in run_batches(executor, made.plan.order, orders, window, batch_size(len(items), window)):
            pairs = [(next(waiting), decode_result(document)) for document in batch]
            other = [
                item.key for item, found in pairs if isinstance(found, Output) and found.digest != item.output
            ]
            said: dict[Digest, list[dict[str, Any]]] = {}
            if other:
                with node.index() as index:
                    said = dict(findings_of(index, made.earlier, other))
            for item, found in pairs:
                yield _judged(made, item, found, said.get(item.key, []))


def _judged(
    made: Reproduced, item: EarlierItem, found: Output | Failure, before: list[dict[str, Any]]
) -> ItemCompared:
    if isinstance(found, Failure):
        return ItemCompared(item.digest, Verdict.MISSING, (f"{found.failing}: {found.words}",))
    if found.digest == item.output:
        return ItemCompared(item.digest, Verdict.IDENTICAL)
    if found.fault:
        return ItemCompared(item.digest, Verdict.DIFFERENT, (f"it cannot be decoded here: {found.fault}",))
    tolerance, place = made.plan.description.determinism.tolerance, made.earlier.place
    now = [one.document() for one in found.findings]
    if place is not None:  # of all that was found, one thing is asked
        return ItemCompared(item.digest, *_told(compare(before, now[place - 1 : place], tolerance, place)))
    verdict, differences = _told(compare(before, now, tolerance))
    if verdict is Verdict.IDENTICAL:  # rows that do not make the digest that stands beside them
        return ItemCompared(
            item.digest, Verdict.DIFFERENT, ("its findings are not those of its output's digest",)
        )
    return ItemCompared(item.digest, verdict, differences)


def _told(compared: tuple[Verdict, list[str]]) -> tuple[Verdict, tuple[str, ...]]:
    return compared[0], tuple(compared[1])


def attest(node: Node, made: Reproduced) -> Digest:
    """Sign what came of a reproduction into the node's log."""
    counts = made.counts
    with node.writing():
        said = Reproduction(
            id=new_statement_id(),
            agent=node.identity.public,
            software=("vasculum", version("vasculum")),
            run=made.earlier.digest,
            analyzer=made.plan.used,
            started=made.started,
            ended=datetime.now(UTC),
            outcome=made.outcome,
            identical=counts[Verdict.IDENTICAL],
            within=counts[Verdict.WITHIN],
            different=counts[Verdict.DIFFERENT],
            missing=counts[Verdict.MISSING],
        )
        named = [staged(node, data) for data in made.plan.documents]
        made.statement = publish(node, said.document(), named)
    return made.statement
