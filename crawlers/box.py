"""Runs a function over untrusted input in a process of its own, with limits, so that bad input harms
nothing else.

The function runs under resource limits (memory, CPU time, file size, no core dumps) in a fresh interpreter
with a bare environment; the parent enforces wall time, and the kernel ends the process should the parent
die. Arguments and result cross as JSON, never as pickle: a process that met hostile bytes is not trusted to
hand back objects.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self, cast

from crawlers.errors import CrawlerError
from hashstore.canonical import Json

_PR_SET_PDEATHSIG = 1
_MAX_RESULT = 64 << 20
_PASSED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE")


class BoxError(CrawlerError):
    """The boxed function did not finish: a limit was reached, it crashed, or it raised what it should not."""


@dataclass(frozen=True, slots=True)
class BoxLimits:
    """What a boxed function may use: sizes in bytes (of memory, of any one file), times in seconds."""

    address_space: int = 6 << 30
    file_size: int = 64 << 30
    cpu: int = 3_600
    wall: float = 3_600.0
    open_files: int = 512


class Box:
    """A process that stands ready to call one function once; it starts, and imports it, while others work.

    Args:
        function: `package.module:name` of a function of ours that takes keyword arguments and returns JSON.
        limits: What it may use.
    """

    def __init__(self, function: str, limits: BoxLimits | None = None) -> None:
        self._limits = limits or BoxLimits()
        self._files = contextlib.ExitStack()
        self._result = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._words = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crawlers.box"],
            stdin=subprocess.PIPE,
            stdout=self._result,
            stderr=self._words,
            env=_environment(),
            start_new_session=True,
        )
        order = {"function": function, "limits": asdict(self._limits), "parent": os.getpid()}
        stream = cast("IO[bytes]", self._process.stdin)
        # A process that died at once says why when it is asked for its answer.
        with contextlib.suppress(BrokenPipeError):
            stream.write(json.dumps(order).encode() + b"\n")
            stream.flush()

    def run(self, args: Mapping[str, Json]) -> Json:
        """Call the function with these arguments and return what it returns.

        Raises:
            CrawlerError: The function raised one; its text is kept.
            BoxError: It went over a limit, crashed, or raised anything else.
        """
        try:
            self._process.communicate(json.dumps(dict(args)).encode(), timeout=self._limits.wall)
            status: int | None = self._process.returncode
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _end(self._process)
        return _answer(status, _tail(self._result, _MAX_RESULT + 1), _tail(self._words, 2000), self._limits)

    def close(self) -> None:
        """End the process, if it was never asked."""
        _end(self._process)
        with contextlib.suppress(BrokenPipeError):
            cast("IO[bytes]", self._process.stdin).close()
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def run_boxed(function: str, args: Mapping[str, Json], limits: BoxLimits | None = None) -> Json:
    """Call `function` in a box and return what it returns: `Box`, made and asked at once.

    Raises:
        CrawlerError: The function raised one; its text is kept.
        BoxError: It went over a limit, crashed, or raised anything else.
    """
    with Box(function, limits) as box:
        return box.run(args)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[1])
    kept = {name: os.environ[name] for name in _PASSED if name in os.environ}
    return {**kept, "PYTHONPATH": root, "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1", "OMP_NUM_THREADS": "2"}


def _tail(stream: BinaryIO, most: int) -> bytes:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - most))
    return stream.read(most)


def _answer(status: int | None, result: bytes, words: bytes, limits: BoxLimits) -> Json:
    if status is None:
        raise BoxError(f"it took longer than {limits.wall:g} seconds and was stopped")
    if status == -signal.SIGXCPU:
        raise BoxError(f"it used more than {limits.cpu} seconds of CPU time and was stopped")
    if status == 0 and len(result) <= _MAX_RESULT:
        return _opened(result, limits)
    if status < 0:
        raise BoxError(f"the process that read it was killed by {signal.Signals(-status).name}")
    last = words.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"status {status}"]
    raise BoxError(f"the process that read it failed: {last[0]}")


def _opened(result: bytes, limits: BoxLimits) -> Json:
    try:
        answer = cast("dict[str, Json]", json.loads(result))
        kind = answer["kind"]
        value = answer["value"]
    except (ValueError, KeyError, TypeError):
        raise BoxError("the process that read it sent back no result") from None
    if kind == "result":
        return value
    if kind == "refused":
        raise CrawlerError(str(value))
    if kind == "memory":
        raise BoxError(f"it needed more than {limits.address_space >> 20} MiB of memory and was stopped")
    raise BoxError(f"the process that read it failed: {value}")


def _die_with(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # A parent that died before the kernel was asked would leave us writing where its successor writes, too.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _restrict(limits: BoxLimits) -> None:
    for name, value in (
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # A second of grace for CPU time lets SIGXCPU, which says why, come before SIGKILL.
        resource.setrlimit(name, (bound, bound + 1 if name == resource.RLIMIT_CPU else bound))


def _answered(function: str) -> tuple[str, Json]:
    """Import the function, wait for its arguments, call it."""
    try:
        module, _, name = function.partition(":")
        ready = getattr(importlib.import_module(module), name)
        return "result", ready(**json.load(sys.stdin))
    except CrawlerError as error:
        return "refused", str(error)
    except MemoryError:
        return "memory", None
    except Exception as error:
        return "failed", " ".join(f"{type(error).__name__}: {error}".split())[:500]


def main() -> None:
    """What runs inside the box: an order, then arguments on standard input; an answer on standard output."""
    with os.fdopen(os.dup(1), "wb") as answer:
        # Whatever a library prints must not fall into the answer.
        os.dup2(2, 1)
        order = json.loads(sys.stdin.readline())
        _die_with(order["parent"])
        _restrict(BoxLimits(**order["limits"]))
        kind, value = _answered(order["function"])
        answer.write(json.dumps({"kind": kind, "value": value}).encode())


if __name__ == "__main__":
    main()
