"""`vasculum demo`, which `make run` runs: the whole story, in under two minutes."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHAPTERS = (
    "museum opens",
    "make a node",
    "tracks the museum",
    "checks itself",
    "Where did this image come from",
    "citation",
    "museum changes",
    "try next",
)


@pytest.mark.slow
def test_the_demo_tells_every_chapter_and_ends_well(tmp_path: Path) -> None:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "node.cli", "demo"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    took = time.monotonic() - begun
    assert done.returncode == 0, done.stderr
    told = re.findall(r"^(?:\x1b\[[0-9;]*m)*== (.+?)(?:\x1b\[0m)?$", done.stdout, flags=re.MULTILINE)
    assert len(told) == len(CHAPTERS), told
    for chapter, title in zip(CHAPTERS, told, strict=True):
        assert chapter in title
    assert "VERIFIED" in done.stdout
    assert "serve\n  http://" in done.stdout.rpartition("see the pages")[2]
    assert "Traceback" not in done.stderr
    assert took < 120
    again = subprocess.run(
        [sys.executable, "-m", "node.cli", "demo"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
