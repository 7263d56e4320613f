"""Run an analyzer over the images of this node: resumable, and visible as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from analyzers.engine.batches import Item, batch_size, run_batches
from analyzers.engine.pool import Allowance, WorkerPool
from analyzers.output import Failing, Failure, Input, Output
from hashstore.canonical import Json
from hashstore.digest import Digest
from manifests.members import MemberList
from node.analysis.choose import read_before
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan
from node.analysis.publish import sign_run
from node.analysis.spool import Spool
from node.compose import Node
from node.layout import Layout
from node.look.access import public_among
from node.writer_lock import writer_lock
from provenance.statement.kinds import Tally

_WINDOW = 4  # batches under way for each worker: none waits for another, and memory stays bounded


@dataclass(slots=True)
class Analysed:
    """What a run came to.

    Attributes:
        members: How many images were asked for, and may be shown.
        before: How many of them had been read before, here or at a node that this one follows.
        tally: What came of the others.
        failures: Images without result, and why.
        statement: The signed statement; None if there was nothing to sign.
    """

    members: int = 0
    before: int = 0
    tally: Tally = field(default_factory=Tally)
    failures: list[Failure] = field(default_factory=list)
    statement: Digest | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told how a run goes.

    Attributes:
        begin: How many images there are to read.
        advance: How many more were read.
        failed: An image without result.
    """

    begin: Callable[[int], object]
    advance: Callable[[int], object]
    failed: Callable[[Failure], object]


def analyse(
    node: Node,
    plan: Plan,
    members: MemberList,
    told: Told,
    executor: Executor | None = None,
    workers: int = 0,
) -> Analysed:
    """Read those images that were not read before by this analyzer with these parameters, and sign the run.

    Killed, it goes on from there when it is called again. Two calls for the same analyzer wait for each
    other; the node's other work goes on until the run is signed.

    Args:
        node: The node.
        plan: What is run.
        members: Over which images.
        told: Who is told.
        executor: Where; None for processes of this machine.
        workers: How many of those; 0 for one on each processor.
    """
    path = _spool(node, plan)
    path.parent.mkdir(exist_ok=True)
    with writer_lock(path.with_suffix(".lock"), on_wait=node.waits), Spool(path) as spool:
        began = datetime.fromisoformat(spool.begun(datetime.now(UTC).isoformat()))
        wanted, unread = _unread(node, plan, members)
        run = Analysed(len(wanted), len(wanted) - len(unread))
        _read(
            node, plan, [one for one in unread if not spool.has(one)], spool, run, told, (executor, workers)
        )
        if any(_of(spool, unread)):
            with node.writing():
                # What was withdrawn, or came from another node, in the meantime.
                _, unread = _unread(node, plan, unread)
                if any(_of(spool, unread)):
                    results, failed = _of(spool, unread), len(run.failures)
                    run.statement, run.tally = sign_run(node, plan, unread, results, failed, began)
        spool.forget()
    return run


def _of(spool: Spool, members: MemberList) -> Iterator[Output]:
    return (one for one in spool.results() if one.input.digest in members)


def _unread(node: Node, plan: Plan, members: MemberList) -> tuple[MemberList, MemberList]:
    """Those that may be shown, and those of them that were not read before."""
    with node.index() as index:
        wanted = MemberList.of(public_among(index, members))
        known = read_before(index, wanted, plan.identity.digest, plan.parameters_digest)
    return wanted, MemberList.of(one for one in wanted if one not in known)


def _spool(node: Node, plan: Plan) -> Path:
    name = Digest.of(plan.identity.digest.raw + plan.parameters_digest.raw).hex
    return node.layout.analysis / f"{name}.sqlite"


def _read(
    node: Node,
    plan: Plan,
    unread: list[Digest],
    spool: Spool,
    run: Analysed,
    told: Told,
    where: tuple[Executor | None, int],
) -> None:
    told.begin(len(unread))
    here = [one for one in unread if node.store.contains(one)]
    for digest in sorted(set(unread) - set(here)):
        _fail(
            run,
            told,
            Failure(Input(digest), Failing.MISSING, "its bytes are not here; `vasculum fetch` them"),
        )
    run.failures += read_items(plan, _items(node, here), len(here), spool, told, where)


def read_items(
    plan: Plan,
    items: Iterable[Item],
    count: int,
    spool: Spool,
    told: Told,
    where: tuple[Executor | None, int],
) -> list[Failure]:
    """Run an analyzer over inputs, and keep what comes of them; returns those that have no result.

    Args:
        plan: What is run.
        items: What is read, as `run_unit` takes it; drawn on as there is room.
        count: How many they are.
        spool: Where results are kept.
        told: Who is told.
        where: By whom: an executor, or how many processes of this machine.
    """
    failures: list[Failure] = []
    with pool_for(plan, *where) as (executor, window):
        for results in run_batches(executor, plan.order, items, window, batch_size(count, window)):
            kept, failed = spool.keep(results)
            failures += failed
            for failure in failed:
                told.failed(failure)
            told.advance(len(kept) + len(failed))
    return failures


def _fail(run: Analysed, told: Told, failure: Failure) -> None:
    run.failures.append(failure)
    told.failed(failure)


def _items(node: Node, digests: Iterable[Digest]) -> Iterator[Mapping[str, Json]]:
    for digest in digests:
        yield {"digest": digest.uri, "path": str(node.store.path(digest).resolve())}


def pool_for(
    plan: Plan, given: Executor | None, workers: int
) -> AbstractContextManager[tuple[Executor, int]]:
    """Where units are run, and how many may be under way: the executor that was given, or processes here.

    Raises:
        AnalysisError: other people's code was to be run by an executor that has no sandbox.
        SandboxError: there is no sandbox on this machine.
    """
    count = workers or os.cpu_count() or 1
    needs = plan.description.needs
    allowance = Allowance(needs.memory, needs.seconds)
    if plan.sandbox is not None:
        if given is not None:
            raise AnalysisError(
                f"{plan.description.name} came in a bundle and runs in this machine's sandbox only; "
                "leave out --cluster."
            )
        return _sandboxed(plan, plan.sandbox, count, allowance)
    if given is not None:
        return nullcontext((given, 32))
    return _Pool(WorkerPool(count, allowance), _WINDOW * count)


@contextmanager
def _sandboxed(plan: Plan, root: Path, count: int, allowance: Allowance) -> Iterator[tuple[Executor, int]]:
    from node.sandbox.pool import Foreign, sandbox_pool

    described = plan.description
    digests = {model.name: model.digest for model in described.models}
    models = {name: (path, digests[name]) for name, path in plan.models.items()}
    foreign = Foreign(described.name, plan.code, models, described.kinds, (root,))
    with sandbox_pool(foreign, count, allowance, Layout(root).analysis) as pool:
        yield pool, _WINDOW * count


@dataclass(frozen=True, slots=True)
class _Pool(AbstractContextManager[tuple[Executor, int]]):
    pool: WorkerPool
    window: int

    def __enter__(self) -> tuple[Executor, int]:
        return self.pool, self.window

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.pool.shutdown(wait=error is None, cancel_futures=True)
