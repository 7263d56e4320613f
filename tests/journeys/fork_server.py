"""Runs the program again and again in processes of its own, and kills them at the moment that it is told.

Each order is one JSON line on standard input, each answer one on standard output. The interpreter starts
once; every run is a fork of it, so a real process, killed by a real SIGKILL, without a start-up each time.
An order holds `args`; and, to be killed, `delay` in seconds, counted from when it has said `lines` lines, or
from when the file `watch` is changed. With `reads` off, nobody reads what it says during the delay. An answer
holds `status` (-9 if killed), `out` (lines that came out whole) and `err`.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import tempfile
import time
from typing import Any

_MODULES = (
    "node.cli.init",
    "node.cli.track",
    "node.cli.add",
    "node.cli.verify",
    "node.cli.sync",
    "node.cli.fetch",
    "node.peers.sync",
    "node.peers.clone",
    "node.create",
    "node.track.run",
    "node.verify.run",
    "crawlers.sources.dwca",
)


def main() -> None:
    """Answer orders until standard input ends."""
    for module in _MODULES:
        importlib.import_module(module)
    # Else a crawl of a few files would have one batch in its journal, and no kill could fall between two.
    importlib.import_module("node.track.files")._BATCH = 1024  # type: ignore[attr-defined]
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_serve(json.loads(line))) + "\n")
        sys.stdout.flush()


def _serve(order: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as words:
        child = os.fork()
        if child == 0:
            os.close(reading)
            _run(order["args"], writing, words.fileno())
        os.close(writing)
        out = _watched(child, reading, order)
        os.close(reading)
        _, status = os.waitpid(child, 0)
        words.seek(0)
        err = words.read().decode("utf-8", "replace")
    lines = out[: out.rfind(b"\n") + 1].decode().splitlines()
    return {"status": os.waitstatus_to_exitcode(status), "out": lines, "err": err}


def _run(arguments: list[str], out: int, err: int) -> None:
    """In the child: the whole program, then the end; nothing returns from here."""
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    code = 70
    try:
        from node.cli.main import run

        code = run(arguments)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _watched(child: int, pipe: int, order: dict[str, Any]) -> bytes:
    """What the child says until it ends; it is killed on the way if the order asks for that."""
    if "delay" not in order:
        return _until(pipe, b"", None, None)
    said = _until(pipe, b"", order["lines"], None)
    if order["watch"]:
        said = _until_changed(pipe, said, order["watch"])
    if order["reads"]:
        said = _until(pipe, said, None, time.monotonic() + order["delay"])
    else:
        time.sleep(order["delay"])
    os.kill(child, signal.SIGKILL)
    return _until(pipe, said, None, None)


def _until_changed(pipe: int, said: bytes, path: str) -> bytes:
    """Read on until a file is made, replaced or written to, or the end."""
    before = _state(path)
    while _state(path) == before:
        if select.select([pipe], [], [], 0.0005)[0]:
            chunk = os.read(pipe, 65536)
            if not chunk:
                break
            said += chunk
    return said


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _until(pipe: int, said: bytes, lines: int | None, moment: float | None) -> bytes:
    """Read on until so many lines, that moment, or the end."""
    while lines is None or said.count(b"\n") < lines:
        left = None if moment is None else max(0.0, moment - time.monotonic())
        if not select.select([pipe], [], [], left)[0]:
            return said
        chunk = os.read(pipe, 512 if lines is not None else 65536)
        if not chunk:
            return said
        said += chunk
    return said


if __name__ == "__main__":
    main()
