from __future__ import annotations

import io
import re
import sys

import pytest
from rich.console import Console

from node.cli.output import Output
from node.cli.progress import shown

_CLEARED_LINE = "\x1b[2K"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _console(width: int = 80) -> tuple[Console, io.StringIO]:
    screen = io.StringIO()
    return Console(file=screen, force_terminal=True, color_system=None, width=width), screen


def test_words_stand_on_lines_of_their_own_above_the_bar() -> None:
    console, screen = _console()
    with shown("Fetching images", 3, False, console) as bar:
        bar.advance()
        bar.say("failed: http://museum.test/[1].jpg :smile: " + "x" * 100)
    line = next(line for line in screen.getvalue().split("\n") if "failed" in line)
    assert line.split(_CLEARED_LINE)[-1] == "failed: http://museum.test/[1].jpg :smile: " + "x" * 100


def test_a_bar_leaves_nothing_behind() -> None:
    console, screen = _console()
    with shown("Fetching images", 3, False, console):
        pass
    assert screen.getvalue().rstrip("\r").endswith(_CLEARED_LINE)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_label_leaves_room_for_the_bar(width: int) -> None:
    console, screen = _console(width)
    with shown("Reading the records of http://museum.test/" + "a" * 100, None, False, console):
        pass
    drawn = [line for line in re.split(r"[\r\n]", screen.getvalue()) if "Reading" in line]
    assert drawn
    assert all("\u2501" * 30 in line and "?" not in line for line in drawn)


def test_output_speaks_above_its_bar_and_plainly_without(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    output = Output()
    with output.progress("Working", 2):
        output.say("one of two")
    output.say("done")
    lines = terminal.getvalue().split("\n")
    assert next(line for line in lines if "one of two" in line).split(_CLEARED_LINE)[-1] == "one of two"
    assert terminal.getvalue().endswith("done\n")
