"""Run commands beside each other, fairly: same input, warm alike, in turns, the best of some rounds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

Command = Sequence[str | os.PathLike[str]]
_LAUNCH = Path(__file__).with_name("launch.py")


class Skipped(Exception):
    """A peer is not to be had here; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that can be run over and over.

    Attributes:
        name: As it stands in the table.
        command: Makes the command line for a fresh output folder, which does not exist yet.
        prepare: Done before each run, outside the time; gets the output folder.
        check: Done after each run, outside the time; raises if the work was not done whole.
        environment: Added to ours.
        beside: CPU seconds that a server which does part of the work has taken so far; None without one.
    """

    name: str
    command: Callable[[Path], Command]
    prepare: Callable[[Path], None] = lambda output: None
    check: Callable[[Path], None] = lambda output: None
    environment: Mapping[str, str] = field(default_factory=dict)
    beside: Callable[[], float] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """The best of some runs: wall time and CPU time (a server's too) in seconds, greatest memory in bytes."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. `target` is the least ratio (our speed to the peer's) that we promise."""

    what: str
    ours: Measured
    peer: Measured
    items: int
    bytes: int
    target: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times as fast as the peer we are."""
        return self.peer.seconds / self.ours.seconds

    @property
    def misses(self) -> bool:
        """Whether we are slower than promised."""
        return self.target is not None and self.ratio < self.target


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured that stands by itself; we promise at most `most`, or at least `least`."""

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def misses(self) -> bool:
        """Whether it is worse than promised."""
        too_much = self.most is not None and self.value > self.most
        return too_much or (self.least is not None and self.value < self.least)


class Bench:
    """One run of the benchmarks: where it works, how often, and how much."""

    def __init__(self, work: Path, *, rounds: int, quick: bool, keep: bool = False) -> None:
        self.work = work
        self._keep = keep
        self.rounds = rounds
        self.quick = quick
        self._outputs = Path(tempfile.mkdtemp(prefix="outputs-", dir=work))

    def race(self, contenders: Sequence[Contender], warm: Path, *, emptied: bool = False) -> list[Measured]:
        """Run all contenders in turns and give the best of each.

        Outputs stay until `clean`: on ext4, whoever creates files within minutes after many were deleted pays
        for the deletion, so deleting between runs would punish the next one.

        Args:
            contenders: At least one.
            warm: A folder of input that is read through before each run, so that all find it in memory.
            emptied: Whether the files of an output are cut to nothing after its check, where the disk has
                no room for all outputs. Their names stay.
        """
        runs: list[list[Measured]] = [[] for _ in contenders]
        for number in range(self.rounds):
            # Each round begins with another contender: the first after a pause finds the disk rested.
            for place in range(len(contenders)):
                index = (number + place) % len(contenders)
                runs[index].append(self._run(contenders[index], warm, emptied=emptied))
        return [min(of_one, key=lambda run: run.seconds) for of_one in runs]

    def output(self) -> Path:
        """A fresh name for an output, which does not exist yet."""
        return Path(tempfile.mkdtemp(dir=self._outputs)) / "output"

    def clean(self) -> None:
        """Delete all outputs so far, unless they are to be kept."""
        if self._keep:
            return
        shutil.rmtree(self._outputs, ignore_errors=True)
        self._outputs.mkdir(exist_ok=True)

    def close(self) -> None:
        """Delete the place of outputs as well."""
        if self._keep:
            say(f"outputs: {self._outputs}")
            return
        shutil.rmtree(self._outputs, ignore_errors=True)

    def _run(self, contender: Contender, warm: Path, *, emptied: bool) -> Measured:
        output = self.output()
        contender.prepare(output)
        read_through(warm)
        subprocess.run(["sync", "-f", self.work], check=True)
        before = contender.beside() if contender.beside else 0.0
        measured = measure(contender.name, contender.command(output), contender.environment)
        if contender.beside:
            measured = replace(measured, cpu_seconds=measured.cpu_seconds + contender.beside() - before)
        say(f"  {measured.seconds:8.2f} s  {contender.name}")
        contender.check(output)
        if emptied and not self._keep:
            empty(output)
        return measured


def measure(name: str, command: Command, environment: Mapping[str, str]) -> Measured:
    """Run one command to its end and take its time and memory, those of its children included.

    Raises:
        RuntimeError: If it fails; what it said on stderr is in the message.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as report:
        launched = [sys.executable, "-I", "-S", _LAUNCH, str(report.fileno()), *command]
        subprocess.run(
            launched,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, **environment},
            pass_fds=[report.fileno()],
            check=False,
        )
        report.seek(0)
        found = json.loads(report.read() or '{"code": "no report"}')
        if found["code"] != 0:
            said.seek(0)
            words = said.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{name} ended with {found['code']}: {words}")
    return Measured(name, found["seconds"], found["cpu_seconds"], found["peak_bytes"])


def read_through(folder: Path) -> None:
    """Read every file under a folder, so that it is in the page cache."""
    buffer = bytearray(1 << 20)
    for parent, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(parent, name), "rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass


def empty(output: Path) -> None:
    """Cut every file of an output to nothing; the names stay."""
    for path in output.rglob("*") if output.is_dir() else (output,):
        if path.is_file() and not path.is_symlink():
            os.truncate(path, 0)


def say(text: str) -> None:
    """Tell how far we are; the table itself goes to stdout."""
    print(text, file=sys.stderr, flush=True)
