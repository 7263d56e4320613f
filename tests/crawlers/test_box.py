"""The box: what comes back, and what each limit does. The boxed functions are the standard library's own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.box import Box, BoxError, BoxLimits, run_boxed
from crawlers.errors import CrawlerError
from hashstore.canonical import Json

LIMITS = BoxLimits(address_space=1 << 30, file_size=1 << 20, cpu=20, wall=60.0)
NEVER_ENDING: dict[str, Json] = {"pattern": "(a+)+b", "string": "a" * 60}


def test_the_result_comes_back_as_json() -> None:
    value: dict[str, Json] = {"count": 3, "names": ["a", "ü"], "none": None}
    assert run_boxed("builtins:dict", value, LIMITS) == value


def test_a_box_that_stands_ready_answers_when_it_is_asked() -> None:
    with Box("json:loads", LIMITS) as box:
        time.sleep(0.2)
        assert box.run({"s": "[1, 2]"}) == [1, 2]


def test_a_box_that_is_never_asked_ends_with_its_block() -> None:
    with Box("json:dumps", LIMITS):
        (child,) = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children").read_text().split()
    assert not Path(f"/proc/{child}").exists()


def test_a_function_that_is_not_there_is_told_when_it_is_asked() -> None:
    with Box("json:nothing", LIMITS) as box, pytest.raises(BoxError, match="AttributeError"):
        box.run({})


def test_what_a_function_prints_does_not_fall_into_its_answer() -> None:
    assert run_boxed("builtins:print", {}, LIMITS) is None


def test_our_own_refusal_keeps_its_words() -> None:
    with pytest.raises(CrawlerError, match=r"^a\.zip: the name '\.\./x' leads out of the archive$"):
        run_boxed("crawlers.dwca.container.interface:posix", {"name": "../x", "archive": "a.zip"}, LIMITS)


def test_any_other_exception_is_a_box_error_of_one_line() -> None:
    with pytest.raises(BoxError, match="JSONDecodeError") as caught:
        run_boxed("json:loads", {"s": "{"}, LIMITS)
    assert "\n" not in str(caught.value)


def test_too_much_memory_is_refused_and_said() -> None:
    with pytest.raises(BoxError, match="more than 1024 MiB of memory"):
        run_boxed("builtins:bytes", {"source": 2 << 30}, LIMITS)


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.touch()
    with pytest.raises(BoxError, match="File too large"):
        run_boxed("os:truncate", {"path": str(path), "length": 2 << 20}, LIMITS)


def test_too_much_cpu_time_is_stopped_and_said() -> None:
    with pytest.raises(BoxError, match="more than 1 seconds of CPU time"):
        run_boxed("re:fullmatch", NEVER_ENDING, replace(LIMITS, cpu=1))


def test_too_long_a_wait_is_stopped_with_everything_that_it_started() -> None:
    marker = "61.27182818"
    begin = time.monotonic()
    with pytest.raises(BoxError, match="longer than 1 seconds"):
        run_boxed("subprocess:check_call", {"args": ["sleep", marker]}, replace(LIMITS, wall=1.0))
    assert time.monotonic() - begin < 20
    # What was killed is gone when the kernel gets to it, not when it was told to.
    deadline = time.monotonic() + 10
    while _running(marker):
        assert time.monotonic() < deadline, "what the box had started outlived it"
        time.sleep(0.05)


def test_a_crash_is_told_by_its_signal() -> None:
    with pytest.raises(BoxError, match="killed by SIGABRT"):
        run_boxed("os:abort", {}, LIMITS)


def test_secrets_of_the_environment_stay_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VASCULUM_PASSPHRASE", "secret")
    assert run_boxed("os:getenv", {"key": "VASCULUM_PASSPHRASE"}, LIMITS) is None


def test_the_box_ends_when_its_parent_is_killed() -> None:
    call = f"from crawlers.box import run_boxed; run_boxed('re:fullmatch', {NEVER_ENDING!r})"
    parent = subprocess.Popen([sys.executable, "-c", call])
    try:
        box = _wait_for_child(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{box}").exists() and _state(box) != "Z":
        assert time.monotonic() < deadline, "the box outlived its parent"
        time.sleep(0.05)


def _wait_for_child(pid: int) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # The death signal is set once the interpreter is up and burns CPU in the pattern.
        if children and _cpu(int(children[0])) > 0.5:
            return int(children[0])
        time.sleep(0.05)
    raise AssertionError("no box was started")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def _running(marker: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if (
                marker in path.read_bytes().decode("utf-8", "replace").split("\0")
                and _state(int(path.parent.name)) != "Z"
            ):
                return True
        except (FileNotFoundError, ProcessLookupError):
            continue
    return False
