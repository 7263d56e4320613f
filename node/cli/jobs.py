"""`vasculum jobs`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from node.cli.exits import Exit
from node.cli.interval import Interval
from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.visible import one_line
from node.layout import Layout, find_node

if TYPE_CHECKING:
    from node.jobs.model import Job
    from node.jobs.store import JobStore

_STATES = ("queued", "running", "done", "failed", "cancelled")


@click.group(cls=Group, help="Run long work beside requests: submit it, look at it, end it.")
def command() -> None:
    """Jobs; `serve` runs them, or `jobs run` does."""


@command.command("ls", cls=Command)
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these; repeatable.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, metavar="N")
@click.pass_obj
def ls(output: Output, everything: bool, states: tuple[str, ...], limit: int) -> None:
    """List the jobs that wait or run, the newest first."""
    from node.jobs.model import State

    chosen = {State(state) for state in states} or {s for s in State if everything or not s.ended}
    jobs = _store(output)[1].listed(frozenset(chosen), limit)
    for job in jobs:
        output.item(_fields(job), f"{job.number:>6}  {job.state:<9}  {job.kind:<15}  {job.user}  {_how(job)}")
    if output.json:
        output.item({"type": "summary", "listed": len(jobs)})
    elif not jobs:
        output.say(
            "No jobs." if everything else "No jobs that wait or run; --all lists those that have ended."
        )


@command.command("show", cls=Command)
@click.argument("job")
@click.pass_obj
def show(output: Output, job: str) -> None:
    """Show a job: what was asked, how far it is, what came of it."""
    found = _store(output)[1].find(job)
    lines = [f"{found.kind} {found.number} of {found.user}: {found.state}", f"  id         {found.id}"]
    lines += [
        f"  {name:<10} {_value(value)}" for name, value in found.parameters.items() if value is not None
    ]
    times = (("submitted", found.submitted), ("started", found.started), ("ended", found.ended))
    lines += [f"  {name:<10} {_time(at)}" for name, at in times if at is not None]
    lines += [f"  failures   {found.failures} of {found.attempts}"] if found.failures else []
    lines += [f"  {'now':<10} {_how(found)}"] if _how(found) else []
    lines += [f"  {name:<10} {_value(value)}" for name, value in (found.result or {}).items()]
    output.item(_fields(found), "\n".join(lines))


@command.command("kinds", cls=Command)
@click.pass_obj
def kinds(output: Output) -> None:
    """List what can be submitted, with the parameters of each kind."""
    from node.jobs.kinds import kind_names, kind_of

    listed = 0
    for name in kind_names():
        kind = kind_of(name)
        if kind.internal:
            continue
        listed += 1
        words = [f"{name}: {kind.about}"]
        words += [
            f"    {p.name}{'' if p.default is None else f' (default {_value(p.default)})'}: {p.about}"
            for p in kind.parameters
        ]
        parameters = [
            {
                "name": p.name,
                "type": p.type.__name__,
                "needed": p.needed,
                "default": p.default,
                "about": p.about,
            }
            for p in kind.parameters
        ]
        fields = {"type": "kind", "kind": name, "about": kind.about, "remote": kind.remote}
        output.item({**fields, "resumes": str(kind.resumes), "parameters": parameters}, "\n".join(words))
    if output.json:
        output.item({"type": "summary", "listed": listed})


@command.command("submit", cls=Command)
@click.argument("kind")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--user", default="operator", show_default=True, help="For whom.")
@click.option("--key", metavar="KEY", help="What is submitted with the same key again is the same job.")
@click.option("--attempts", type=click.IntRange(1, 64), metavar="N", help="How often it is tried.")
@click.option("--after", type=Interval(), metavar="SPAN", help="Begin it so much later: 30s, 10m, 2h.")
@click.option("--expires", type=Interval(), metavar="SPAN", help="Do not begin it after so much time.")
@click.pass_obj
def submit(
    output: Output, kind: str, parameters: tuple[str, ...], user: str, key: str | None, attempts: int | None,
    after: float | None, expires: float | None,
) -> None:  # fmt: skip
    """Submit a job, such as `sync` or `track source=URL`.

    `jobs kinds` lists the kinds and their parameters. The job is run by `vasculum serve`, or by
    `vasculum jobs run`.
    """
    from node.config import read_config
    from node.jobs.kinds import kind_of
    from node.jobs.submit import submit_job

    layout, store = _store(output)
    given = _given(kind_of(kind).parameters, parameters)
    limits = read_config(layout.config).jobs
    job = submit_job(
        store, limits, kind, given, user=user, key=key, attempts=attempts, delay=after or 0.0, expires=expires
    )
    output.item(_fields(job), f"Job {job.number} ({job.id}): {job.kind}, {job.state}")
    output.say(f"`vasculum serve` or `vasculum jobs run` runs it. Look: vasculum jobs show {job.number}")


@command.command("cancel", cls=Command)
@click.argument("job")
@click.pass_obj
def cancel(output: Output, job: str) -> None:
    """End a job, whether it waits or runs.

    One that runs is cut off as by a kill; what it had acknowledged stays.
    """
    import time

    from node.jobs.rules import asked_to_stop

    _, store = _store(output)
    ended = store.change(store.find(job).id, lambda one: asked_to_stop(one, time.time()))
    words = "is being ended" if ended.cancelling else "is cancelled"
    output.item(_fields(ended), f"Job {ended.number} {words}.")


@command.command("retry", cls=Command)
@click.argument("job")
@click.pass_obj
def retry(output: Output, job: str) -> None:
    """Try a job again that failed or was cancelled.

    It goes on where it stopped, if its kind can.
    """
    import time

    from node.config import read_config
    from node.jobs.rules import again

    layout, store = _store(output)
    attempts = read_config(layout.config).jobs.attempts
    queued = store.change(store.find(job).id, lambda one: again(one, time.time(), attempts))
    output.item(_fields(queued), f"Job {queued.number} waits to be run again.")


@command.command("run", cls=Command)
@click.option("--drain", is_flag=True, help="End when no job waits or runs any more.")
@click.pass_obj
def run(output: Output, drain: bool) -> Exit:
    """Run jobs here, without a server, until Ctrl-C.

    Jobs that it cuts off go on another time. With --drain, exit code 3 means that jobs failed meanwhile;
    each is named.
    """
    from node.jobs.model import State
    from node.jobs.worker import run_worker

    layout, store = _store(output)
    before = {job.id for job in store.unended()}
    output.say("Running jobs. Ctrl-C ends it.")
    run_worker(layout, drain=drain)
    ended = [job for job in store.listed(frozenset(State), 10_000) if job.id in before and job.state.ended]
    for job in reversed(ended):
        output.item(_fields(job), f"{job.number:>6}  {job.state:<9}  {job.kind:<15}  {_how(job)}")
    counts = {str(state): sum(job.state is state for job in ended) for state in State if state.ended}
    output.item({"type": "summary", **counts}, None)
    return Exit.PARTIAL if drain and counts["failed"] else Exit.OK


def _store(output: Output) -> tuple[Layout, JobStore]:
    from node.jobs.store import JobStore

    layout = find_node(output.node)
    return layout, JobStore(layout.jobs)


def _given(known: Any, texts: tuple[str, ...]) -> dict[str, Any]:
    """`NAME=VALUE` as values of the parameters' types; what is none is left to the kind to refuse."""
    types = {parameter.name: parameter.type for parameter in known}
    given: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"{text!r} is no parameter: write NAME=VALUE.")
        kind = types.get(name, str)
        if kind is bool and value in ("true", "false"):
            given[name] = value == "true"
        elif kind is int and value.isascii() and value.isdecimal() and len(value) <= 15:
            given[name] = int(value)
        else:
            given[name] = value
    return given


def _value(value: Any) -> str:
    """A text as it is, anything else as JSON writes it, which is also how `submit` takes it."""
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _how(job: Job) -> str:
    """How a job gets on, in a few words."""
    if job.state == "running":
        total = "" if job.progress.total is None else f" of {job.progress.total:,}"
        done = f" {job.progress.done:,}{total}" if job.progress.done or job.progress.total else ""
        return one_line(f"{'being ended; ' if job.cancelling else ''}{job.progress.label}{done}")
    return one_line(job.error or "")


def _fields(job: Job) -> dict[str, Any]:
    from node.jobs.document import job_document

    return {"type": "job", **job_document(job)}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ", timespec="seconds")
