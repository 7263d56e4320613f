"""The embedded executor: processes that may die, hang or swell without harm to anything but their unit."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from analyzers.engine.worker import command, environment, read_message, write_message
from analyzers.errors import AnalyzerError
from analyzers.output import Failing

T = TypeVar("T")
_START: Final = 60.0
_MOST: Final = 4 << 30


class WorkerDied(Exception):
    """A worker ended before it answered; the unit it had is lost, and nothing else.

    Args:
        failing: How.
        words: What is known of it.
    """

    def __init__(self, failing: Failing, words: str) -> None:
        super().__init__(words)
        self.failing = failing


class UnitRefused(AnalyzerError):
    """A unit cannot be run at all: no such analyzer there, or a model that is not what its digest says."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a worker may use.

    Attributes:
        memory: Bytes of address space.
        seconds: Wall time for one item of a unit.
    """

    memory: int
    seconds: float


Launch = Callable[[int], "subprocess.Popen[bytes]"]


def launch_worker(memory: int) -> subprocess.Popen[bytes]:
    """Start a worker of this program's own code, or of packages that are installed here."""
    return subprocess.Popen(
        command(memory),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )


class WorkerPool(Executor):
    """Runs module-level functions that take and give JSON, each in a process of this pool.

    Args:
        workers: How many processes.
        allowance: What each may use.
        start: Seconds in which a worker has to import what it needs, beside those for its items.
        launch: Starts a worker that may have so many bytes of address space, in a session of its own.
        most: Bytes of one answer; a worker that says more is ended.
    """

    def __init__(
        self,
        workers: int,
        allowance: Allowance,
        start: float = _START,
        launch: Launch = launch_worker,
        most: int = _MOST,
    ) -> None:
        self._allowance, self._start, self._launch, self._most = allowance, start, launch, most
        self._orders: queue.SimpleQueue[tuple[Future[Any], str, Any] | None] = queue.SimpleQueue()
        self._closed = False
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._threads = [
            threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run `fn(order)` in a worker; `order` has `items`, and both it and the result are JSON.

        Raises:
            RuntimeError: The pool is shut down.
        """
        if self._closed:
            raise RuntimeError("the pool of workers is shut down")
        (order,) = args
        future: Future[T] = Future()
        self._orders.put((future, f"{fn.__module__}:{fn.__qualname__}", order))
        return future

    @property
    def processes(self) -> tuple[int, ...]:
        """The process numbers of the workers that run."""
        return tuple(process.pid for process in list(self._processes.values()))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all workers: those at work once they are done, or at once if nobody waits."""
        self._closed = True
        while cancel_futures and not self._orders.empty():
            with contextlib.suppress(queue.Empty):
                left = self._orders.get_nowait()
                if left:
                    left[0].cancel()
        for _ in self._threads:
            self._orders.put(None)
        if not wait:
            for process in list(self._processes.values()):
                _end(process)
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        while (found := self._orders.get()) is not None:
            future, function, order = found
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._ask(number, function, order))
            except Exception as error:
                future.set_exception(error)
        if number in self._processes:
            _end(self._processes.pop(number))

    def _ask(self, number: int, function: str, order: Any) -> Any:
        process = self._process(number)
        limit = self._start + self._allowance.seconds * max(1, len(order.get("items", ())))
        late = threading.Event()
        timer = threading.Timer(limit, _stop, (process, late))
        timer.start()
        try:
            write_message(
                cast("Any", process.stdin), json.dumps({"function": function, "order": order}).encode()
            )
            answer = _opened(read_message(cast("Any", process.stdout), self._most))
        except BrokenPipeError:
            answer = None
        finally:
            timer.cancel()
        if answer is None:
            del self._processes[number]
            raise _death(process, late.is_set(), limit)
        if "error" in answer:
            raise UnitRefused(str(answer["words"]))
        return answer["result"]

    def _process(self, number: int) -> subprocess.Popen[bytes]:
        process = self._processes.get(number)
        if process is None or process.poll() is not None:
            process = self._launch(self._allowance.memory)
            self._processes[number] = process
        return process


def _opened(message: bytes | None) -> Mapping[str, Any] | None:
    """An answer; None if it is none, for then whoever sent it cannot be understood any more."""
    try:
        found = json.loads(message) if message is not None else None
    except (ValueError, RecursionError):
        return None
    told = isinstance(found, dict) and ("result" in found or {"error", "words"} <= set(found))
    return found if told else None


def _death(process: subprocess.Popen[bytes], late: bool, limit: float) -> WorkerDied:
    _end(process)
    if late:
        return WorkerDied(Failing.TIMEOUT, f"no answer within {limit:g} seconds")
    if process.returncode == -signal.SIGKILL:
        return WorkerDied(
            Failing.CRASHED, "the process that read it was killed, or answered what is no answer"
        )
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        return WorkerDied(Failing.CRASHED, f"the process that read it was ended by {name}")
    return WorkerDied(Failing.CRASHED, f"the process that read it ended with status {process.returncode}")


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a worker and whatever it started."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
