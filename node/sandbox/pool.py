"""An executor whose workers run somebody else's code in a sandbox: the same units, the same results."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from analyzers.code import read_code
from analyzers.engine.pool import Allowance, UnitRefused, WorkerPool
from analyzers.recheck import recheck_unit
from hashstore.digest import Digest
from node.sandbox.command import INBOX, MODELS, Box, sandboxed
from node.sandbox.folder import put, sandbox_folder, write_code
from node.sandbox.programs import sandbox_programs
from node.sandbox.seccomp import call_filter

T = TypeVar("T")
_MOST: Final = 512 << 20  # bytes of one answer
_CHECKING: Final = Allowance(8 << 30, 60.0)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True)
class Foreign:
    """Code that is run in a sandbox.

    Attributes:
        name: The analyzer's.
        code: Its code bundle.
        models: Its models' files and digests, by name; the worker hashes them again.
        kinds: The kinds of findings that it declares; empty while that is asked.
        hidden: The folders that it must not see, such as the node's own.
    """

    name: str
    code: bytes
    models: Mapping[str, tuple[Path, Digest]]
    kinds: Mapping[str, str]
    hidden: tuple[Path, ...] = ()


@contextmanager
def sandbox_pool(
    foreign: Foreign, workers: int, allowance: Allowance, parent: Path | None = None, start: float = 60.0
) -> Iterator[SandboxPool]:
    """Workers in sandboxes, for as long as the block runs.

    Args:
        foreign: What they run.
        workers: How many.
        allowance: What each may use.
        parent: On which disk pictures are put for them; None for the system's temporary folder.
        start: Seconds in which a worker has to be ready, beside those for its items.

    Raises:
        SandboxError: there is no sandbox on this machine.
        UnsuitableCode: the code is none.
    """
    programs, sources = sandbox_programs(), read_code(foreign.code)
    with sandbox_folder(parent) as folder:
        code, inbox = folder / "code", folder / "in"
        inbox.mkdir()
        write_code(sources, foreign.name, code)
        models = {digest.hex: path.resolve() for path, digest in foreign.models.values()}
        box = Box(code, inbox, models, foreign.hidden)
        pool = SandboxPool(programs, box, foreign.kinds, workers, allowance, start)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            pool.shutdown()


class SandboxPool(Executor):
    """Runs units in sandboxes, and checks outside of them what comes back.

    Attributes:
        box: What the inside is made of.
    """

    def __init__(
        self,
        programs: tuple[str, str],
        box: Box,
        kinds: Mapping[str, str],
        workers: int,
        allowance: Allowance,
        start: float,
    ) -> None:
        self._programs, self._kinds = programs, kinds
        self.box = box
        self._inside = WorkerPool(workers, allowance, start, self._launch, _MOST)
        self._outside = WorkerPool(1, _CHECKING)
        self._threads = ThreadPoolExecutor(workers, "sandbox")

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run `fn(order)` in a sandbox; both are JSON. Results of `items` are checked again outside."""
        (order,) = args
        return self._threads.submit(self._unit, fn, order)

    @property
    def processes(self) -> tuple[int, ...]:
        """The process numbers of the sandboxes that run."""
        return self._inside.processes

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all workers: those at work once they are done, or at once if nobody waits."""
        if not wait:
            self._inside.shutdown(wait=False, cancel_futures=True)
        self._threads.shutdown(wait=True, cancel_futures=cancel_futures)
        self._inside.shutdown()
        self._outside.shutdown()

    def _unit(self, fn: Callable[..., Any], order: Mapping[str, Any]) -> Any:
        items = order.get("items", ())
        with tempfile.TemporaryDirectory(dir=self.box.inbox) as folder:
            handed = {**order, "models": _inside(order["models"]), "items": _put(items, Path(folder))}
            try:
                found = self._inside.submit(fn, handed).result()
            except UnitRefused as error:
                raise UnitRefused(_CONTROL.sub(" ", str(error)[:500])) from None
        if "items" not in order:
            return found
        told = {"kinds": dict(self._kinds), "items": list(items), "results": found}
        return self._outside.submit(recheck_unit, told).result()

    def _launch(self, memory: int) -> subprocess.Popen[bytes]:
        filter = call_filter(platform.machine())
        descriptor = _readable(filter) if filter is not None else None
        try:
            return subprocess.Popen(
                sandboxed(self._programs, self.box, memory, descriptor),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
                pass_fds=() if descriptor is None else (descriptor,),
            )
        finally:
            if descriptor is not None:
                os.close(descriptor)


def _inside(models: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The models of an order, by their paths inside."""
    return {
        name: {**one, "path": str(MODELS / Digest.parse(one["digest"]).hex)} for name, one in models.items()
    }


def _put(items: Any, folder: Path) -> list[dict[str, Any]]:
    """Hand pictures in; one that is not here is looked for in vain, inside as outside."""
    handed = []
    for item in items:
        name = Digest.parse(item["digest"]).hex
        if not (folder / name).exists() and Path(item["path"]).is_file():
            put(Path(item["path"]), folder / name)
        handed.append({**item, "path": str(INBOX / folder.name / name)})
    return handed


def _readable(data: bytes) -> int:
    """A file descriptor from which some bytes are read."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return reading
