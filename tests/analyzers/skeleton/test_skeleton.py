"""`analyzer new` makes a package that passes its own tests, and is found where it is installed."""

from __future__ import annotations

import io
import json
import os
import runpy
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analyzers.description import Task
from analyzers.errors import AnalyzerError
from analyzers.interface import Analyzer
from analyzers.skeleton.write import TASKS, drawn, skeleton


def written(folder: Path, name: str, task: Task) -> Path:
    for path, data in skeleton(name, task, "A. Gray", 2026, "0.1.0").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.mark.parametrize("task", TASKS)
def test_a_new_analyzer_of_every_task_passes_its_own_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: Task
) -> None:
    folder = written(tmp_path, f"leaf-{task.value}", task)
    monkeypatch.syspath_prepend(str(folder / "src"))
    (path,) = (folder / "tests").glob("test_*.py")
    module = runpy.run_path(str(path))
    tests = [value for name, value in module.items() if name.startswith("test_")]
    assert len(tests) == 4
    for test in tests:
        test()
    assert isinstance(module["ANALYZER"], Analyzer)
    assert module["ANALYZER"].description.task is task


def test_the_drawn_picture_is_what_the_expected_findings_say() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(drawn())))
    dark = np.zeros((150, 200), bool)
    dark[40:100, 50:130] = True
    assert ((pixels.max(2) < 128) == dark).all()


def test_names_that_would_not_work_are_refused() -> None:
    for name in ("Leaf", "leaf_margins", "image-facts", "numpy", "class", "../leaf"):
        with pytest.raises(AnalyzerError):
            skeleton(name, Task.MEASURE, "A. Gray", 2026, "0.1.0")
    with pytest.raises(AnalyzerError):
        skeleton("leaf", Task.MEASURE, 'A. "Asa" Gray', 2026, "0.1.0")


@pytest.mark.slow
def test_once_installed_it_is_listed_passes_its_tests_and_runs(tmp_path: Path) -> None:
    """In an environment of its own, which sees the packages of this one."""
    folder = written(tmp_path / "leaf", "leaf-margins", Task.SEGMENT)
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    (site,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    (site / "around.pth").write_text("\n".join(path for path in sys.path if path), "utf-8")
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    install = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", folder)
    for arguments in (install, ("-m", "pytest", "-q", "-p", "no:cacheprovider", folder)):
        subprocess.run([python, *arguments], check=True, env=plain, cwd=tmp_path, timeout=200)
    listed = subprocess.run(
        [python, "-m", "node.cli", "--json", "analyzer", "ls"],
        check=True,
        env=plain,
        cwd=tmp_path,
        capture_output=True,
        timeout=100,
    )
    names = [json.loads(line).get("name") for line in listed.stdout.splitlines()]
    assert "leaf-margins" in names
