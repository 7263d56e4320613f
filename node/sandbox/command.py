"""The command that runs a worker in bubblewrap: what it sees, what it may use, and nothing else. Pure but for
looking where this program and its Python are installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import analyzers
import hashstore
import manifests

CODE, INBOX, MODELS, PROGRAM = (Path(f"/{name}") for name in ("code", "in", "models", "program"))
_SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
# The linker's list and Debian's choices between libraries; what kinds of processors there are.
_ALSO: Final = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/sys/devices/system/cpu")
_NOBODY: Final = "65534"
_TEMPORARY: Final = 256 << 20
_LIMITS: Final = {
    "cpu": 3_600,  # seconds; a worker that ends by it is begun anew
    "nofile": 256,
    "nproc": 512,  # threads, since there are no new processes
    "fsize": _TEMPORARY,
    "core": 0,
    "memlock": 0,
    "msgqueue": 0,
}
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Box:
    """What the inside of a sandbox is made of.

    Attributes:
        code: The folder of the analyzer's code.
        inbox: The folder into which pictures are put.
        models: Files by the names that they have inside.
        hidden: Folders that must not be seen, wherever they lie.
    """

    code: Path
    inbox: Path
    models: Mapping[str, Path]
    hidden: tuple[Path, ...] = ()


def sandboxed(programs: tuple[str, str], box: Box, memory: int, filter: int | None) -> list[str]:
    """The command of a worker.

    Args:
        programs: Where `bwrap` and `prlimit` are.
        box: What it sees, read only.
        memory: Bytes of its address space.
        filter: The file descriptor from which bubblewrap reads the filter of calls; None for none.
    """
    bwrap, prlimit = programs
    bounds = [f"--{name}={number}" for name, number in {**_LIMITS, "as": memory}.items()]
    return [
        bwrap,
        *("--unshare-all", "--unshare-user", "--disable-userns", "--uid", _NOBODY, "--gid", _NOBODY),
        *("--new-session", "--die-with-parent", "--cap-drop", "ALL", "--hostname", "sandbox"),
        *_environment(),
        *_mounts(box),
        *(["--seccomp", str(filter)] if filter is not None else []),
        *("--", prlimit, *bounds, "--", sys.executable, "-s", "-m", "analyzers.engine.worker"),
        # Bubblewrap's own first process is the worker's parent.
        *(str(memory), "1"),
    ]


def _environment() -> Iterator[str]:
    told = {
        "PATH": "/usr/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "PYTHONPATH": f"{CODE}:{PROGRAM}",
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(_THREADS, "1"),
    }
    yield "--clearenv"
    for name, value in told.items():
        yield from ("--setenv", name, value)


def _mounts(box: Box) -> Iterator[str]:
    # First, so that a Python that is installed below /tmp lies over it, and not under it.
    yield from ("--size", str(_TEMPORARY), "--tmpfs", "/tmp")
    shown = [Path("/usr"), *_python()]
    for path in shown:
        yield from ("--ro-bind", str(path), str(path))
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in _ALSO:
        yield from ("--ro-bind-try", name, name)
    for hidden in box.hidden:
        if any(hidden.resolve().is_relative_to(path.resolve()) for path in shown):
            yield from ("--tmpfs", str(hidden))
    yield from ("--proc", "/proc", "--dev", "/dev")
    for package in (hashstore, manifests, analyzers):
        (folder,) = package.__path__
        yield from ("--ro-bind", folder, str(PROGRAM / package.__name__))
    yield from ("--ro-bind", str(box.code), str(CODE), "--ro-bind", str(box.inbox), str(INBOX))
    for name, path in box.models.items():
        yield from ("--ro-bind", str(path), str(MODELS / name))
    # Bubblewrap's own roots are writable, and in memory that no limit counts.
    yield from ("--chdir", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/")


def _python() -> Iterable[Path]:
    """The folders of Python and of its packages, without those that lie in another."""
    real = Path(sys.executable).resolve().parents[1]
    found = dict.fromkeys([Path(sys.prefix), Path(sys.base_prefix), real])
    return [path for path in found if not path.is_relative_to("/usr")]
