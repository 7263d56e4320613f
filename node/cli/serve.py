"""`vasculum serve`."""

from __future__ import annotations

from functools import partial

import click

from node.cli.interval import Interval
from node.cli.main import Command
from node.cli.output import Output


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", default=8765, show_default=True, type=click.IntRange(1, 65535), help="Port to listen at."
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that answer."
)
@click.option(
    "--follow-every", type=Interval(), metavar="SPAN", help="Sync with all peers so often: 30s, 10m, 2h."
)
@click.option("--pull-only", is_flag=True, help="Open no port; only follow peers. Needs --follow-every.")
@click.option("--read-only", is_flag=True, help="Cosign nothing and take no job: no request leaves a trace.")
@click.option("--no-jobs", is_flag=True, help="Run no jobs beside the server (see `vasculum jobs`).")
@click.option("--log-requests", is_flag=True, help="Log each request, as JSON lines on standard error.")
@click.pass_obj
def command(
    output: Output,
    host: str,
    port: int,
    workers: int,
    follow_every: float | None,
    pull_only: bool,
    read_only: bool,
    no_jobs: bool,
    log_requests: bool,
) -> None:
    """Serve this node to other nodes and to people.

    What is public can be read by anyone who reaches the address: blobs, the log, and the logs that this node
    follows. Put nginx in front for TLS and bandwidth; a sample
    configuration is in deploy/. Jobs (`vasculum jobs`) are run beside it.
    """
    from node.layout import find_node
    from node.peers.patience import Patience
    from node.peers.sync import follow_all
    from node.serve.live import LiveNode
    from node.serve.run import ServeOptions, follow_only, serve
    from node.serve.watch import Watcher

    if pull_only and follow_every is None:
        raise click.UsageError("--pull-only does nothing without --follow-every.")
    live = LiveNode(find_node(output.node))
    follow = partial(follow_all, patience=Patience())
    if pull_only:
        assert follow_every is not None
        output.say(f"Following peers every {follow_every:.0f} s; no port is open. Ctrl-C ends it.")
        follow_only(Watcher(live, follow, follow_every), live, jobs=not (no_jobs or read_only))
        return
    options = ServeOptions(host, port, workers, follow_every, log_requests, read_only, not no_jobs)
    shown = f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def ready() -> None:
        identity = live().config.identity
        fields = {"type": "serving", "url": shown, "origin": identity.origin}
        output.item(fields, f"Serving {identity.name} at {shown}")

    serve(live, options, follow, ready)
