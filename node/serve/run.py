"""`vasculum serve`: granian's workers in front, the watcher beside them, and a graceful end."""

from __future__ import annotations

import multiprocessing
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from node.compose import Node
from node.errors import NodeError
from node.jobs.token import load_or_make_token
from node.processes import log_to_stderr
from node.serve.jobs_process import JobsProcess
from node.serve.live import LiveNode
from node.serve.watch import Watcher, refresh_served
from node.serve.worker import LOG_VARIABLE, NODE_VARIABLE, READ_ONLY_VARIABLE

_HEADER_SECONDS = 10
_STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How to serve.

    Attributes:
        host: Address to listen at.
        port: TCP port.
        workers: Processes that answer requests.
        follow_every: Seconds between two syncs with all peers; None to follow nobody.
        log_requests: Whether each request is logged.
        read_only: Whether nothing that is asked may leave a trace: no checkpoint is cosigned, no job taken.
        jobs: Whether jobs are run beside the server.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1
    follow_every: float | None = None
    log_requests: bool = False
    read_only: bool = False
    jobs: bool = True


def serve(
    live: LiveNode, options: ServeOptions, follow: Callable[[Node], object], ready: Callable[[], None]
) -> None:
    """Serve until a signal comes (SIGTERM, SIGINT); requests under way are answered first.

    Args:
        live: The node.
        options: How.
        follow: Syncs with all peers.
        ready: Called when everything is set up and the workers are about to listen.

    Raises:
        NodeError: the address cannot be listened at.
    """
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.server import Server

    # Workers must not be forks of this process: DuckDB runs threads in it, and a fork inherits their locks,
    # held for ever. A worker that then opens the index would never answer.
    multiprocessing.set_start_method("spawn", force=True)
    node = live()
    _check_address(options.host, options.port)
    refresh_served(node)
    watcher = Watcher(live, follow if options.follow_every else None, options.follow_every or 0.0)
    jobs = JobsProcess(node.layout.root)
    with tempfile.TemporaryDirectory(prefix="vasculum-metrics-") as counts:
        os.environ[NODE_VARIABLE] = str(node.layout.root)
        if options.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
        if options.read_only:
            os.environ[READ_ONLY_VARIABLE] = "1"
        if options.log_requests:
            os.environ[LOG_VARIABLE] = "1"
        server = Server(
            "node.serve.worker:make_application",
            address=options.host,
            port=options.port,
            interface=Interfaces.RSGI,
            workers=options.workers,
            factory=True,
            websockets=False,
            backpressure=node.config.serve.connections,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000),
            log_enabled=False,
            workers_kill_timeout=_STOP_SECONDS,
            respawn_failed_workers=True,
        )
        log_to_stderr()
        server.on_startup(watcher.start)
        if options.jobs and not options.read_only:
            load_or_make_token(node.layout.jobs_token)
            server.on_startup(jobs.start)
        server.on_startup(ready)
        server.serve()
    jobs.stop()
    if not watcher.stop():
        # The threads of a sync would be waited for; what it has not finished, the next one goes on with.
        os._exit(0)


def follow_only(watcher: Watcher, live: LiveNode, *, jobs: bool) -> None:
    """Follow peers, and run jobs if so wanted, without any port, until this process is ended."""
    beside = JobsProcess(live().layout.root)
    if jobs:
        beside.start()
    try:
        watcher.run()
    finally:
        beside.stop()


def _check_address(host: str, port: int) -> None:
    """Workers that cannot listen would die and be begun anew for ever, without a word for people."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise NodeError(
            f"Nothing can listen at {host}, port {port}: {error.strerror or error}. "
            "Is the node served already? Else choose another --port."
        ) from error
