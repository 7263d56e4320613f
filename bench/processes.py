"""Servers that run while something is measured: started, waited for, their CPU time read, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.harness import Command

_PATIENCE = 120.0  # seconds for a server to be ready (some hash everything first), or to end
_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A TCP port of loopback that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(
    command: Command,
    ready: Callable[[], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """A server; its process id. It is ended with the block.

    Args:
        command: Starts it.
        ready: Whether it can be asked by now.
        log: Gets all that it says.
        environment: Added to ours.

    Raises:
        RuntimeError: If it ends by itself, or is not ready in time; the end of its log is in the message.
    """
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **(environment or {})},
        )
    try:
        wait_until(lambda: process.poll() is not None or ready(), f"{command[0]} is ready")
        if process.poll() is not None:
            raise RuntimeError(f"{command[0]} ended: {log.read_text(errors='replace')[-2000:]}")
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(true: Callable[[], bool], what: str, seconds: float = _PATIENCE) -> None:
    """Look every few milliseconds until something holds.

    Raises:
        RuntimeError: If it does not in time.
    """
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether somebody listens at a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def cpu_seconds(pid: int) -> float:
    """User and system time that a process and all below it have taken so far, those that ended included."""
    total = 0.0
    for one in _family(pid):
        with suppress(OSError):
            # proc_pid_stat(5): fields 12 to 15 after the bracketed name are utime, stime, cutime, cstime.
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / _TICKS
    return total


def peak_bytes(pid: int) -> int:
    """The greatest memory of the largest among a process and all below it that live."""
    peak = 0
    for one in _family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
    return peak


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from _family(int(child))
