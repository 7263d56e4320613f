"""Kinds of job as an installed package brings them: what they do is written to a file that tests read."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from hashstore.canonical import Json
from node.errors import JobRefused, NodeBusy
from node.jobs.kinds import Parameter, Parameters, Resumes, Task


class _Kind:
    remote = True
    internal = False
    resumes = Resumes.KEYED
    parameters: tuple[Parameter, ...] = (Parameter("file", "Where it writes.", needed=True),)

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        if parameters.get("steps") == 13:
            raise JobRefused("ledger: 13 steps bring no luck.")


class Ledger(_Kind):
    """Writes a line for each step, once."""

    name = "ledger"
    about = "Write lines into a file, each once."
    parameters = (
        *_Kind.parameters,
        Parameter("steps", "How many.", int, 3),
        Parameter("pause", "After each line, in ms.", int, 0),
        Parameter("gate", "Wait for this file before the last line."),
    )

    def run(self, task: Task) -> Mapping[str, Json]:
        path, steps, pause = (task.parameters[name] for name in ("file", "steps", "pause"))
        assert isinstance(steps, int) and isinstance(pause, int)  # noqa: PT018
        written = _lines(Path(str(path)), task.key)
        with task.phase("Writing", steps) as bar:
            for step in range(steps):
                while (
                    step == steps - 1
                    and (gate := task.parameters.get("gate"))
                    and not Path(str(gate)).exists()
                ):
                    time.sleep(0.05)
                if step not in written:
                    _append(Path(str(path)), f"{task.key} {step}\n")
                    time.sleep(pause / 1000)
                bar.advance()
        return {"written": steps, "found": len(written)}


class Moody(_Kind):
    """Fails as often as it is told, then works."""

    name = "moody"
    about = "Fail, then work."
    parameters = (
        *_Kind.parameters,
        Parameter("how", "How it fails.", str, "error"),
        Parameter("times", "n", int, 1),
    )

    def run(self, task: Task) -> Mapping[str, Json]:
        path, times = Path(str(task.parameters["file"])), task.parameters["times"]
        assert isinstance(times, int)
        _append(path, f"{task.key} {time.time()}\n")
        if len(path.read_text().splitlines()) > times:
            return {"tries": times + 1}
        match task.parameters["how"]:
            case "busy":
                raise NodeBusy("Another vasculum process is at it.")
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "lasting":
                raise JobRefused("This will never work.")
        raise ValueError("rain")


def _lines(path: Path, key: str) -> set[int]:
    if not path.exists():
        return set()
    rows = (line.split() for line in path.read_text().splitlines())
    return {int(step) for name, step in rows if name == key}


def _append(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


LEDGER, MOODY = Ledger(), Moody()
