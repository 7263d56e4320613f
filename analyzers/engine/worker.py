"""A worker process: orders in by standard input, results out by its former standard output, JSON both ways.

`python -m analyzers.engine.worker MEMORY PARENT`. Each message is its length in eight bytes, big endian, and
the JSON. An order is `{"function": "module:name", "order": ...}`; an answer has `result`, or `error` with
`words`.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import IO, Any, Final

from analyzers.errors import AnalyzerError

_PR_SET_PDEATHSIG: Final = 1
LENGTH: Final = 8


def main(memory: int, parent: int) -> None:
    """Work until standard input ends.

    Args:
        memory: Bytes of address space that this process may have.
        parent: Whoever started it; the kernel ends this process with that one.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return  # it ended before the line above
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    _silence()
    while (message := read_message(orders)) is not None:
        write_message(answers, _answer(json.loads(message)))


def _silence() -> None:
    """What an analyzer prints goes nowhere: not among the answers, and into no log."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def _answer(order: dict[str, Any]) -> bytes:
    module, _, name = order["function"].partition(":")
    try:
        result = getattr(importlib.import_module(module), name)(order["order"])
        return json.dumps({"result": result}).encode()
    except AnalyzerError as error:
        return json.dumps({"error": type(error).__name__, "words": str(error)}).encode()


def read_message(stream: IO[bytes], most: int | None = None) -> bytes | None:
    """The next message; None where the stream ends, be it within one, or where it is longer than `most`."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    length = int.from_bytes(head, "big")
    if most is not None and length > most:
        return None
    data = stream.read(length)
    return data if len(data) == length else None


def write_message(stream: IO[bytes], data: bytes) -> None:
    """Write a message and send it off."""
    stream.write(len(data).to_bytes(LENGTH, "big") + data)
    stream.flush()


def command(memory: int) -> list[str]:
    """The command that starts a worker of this process."""
    return [sys.executable, "-m", "analyzers.engine.worker", str(memory), str(os.getpid())]


def environment() -> dict[str, str]:
    """What a worker sees of the environment: nothing that may be secret, and one thread for each library.

    It imports from where its parent does, so that it finds the same analyzers.
    """
    kept = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
    root = str(Path(__file__).resolve().parents[2])
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **threads,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([root, *filter(None, sys.path)])),
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
