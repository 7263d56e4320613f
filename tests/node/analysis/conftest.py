"""An analyzer of somebody else's, installed beside this program; its source can be changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzers.registry import find_analyzer

_SOURCE = """
from analyzers.decimals import decimal_text
from analyzers.description import Description, Determinism, Task
from analyzers.finding import Finding

class Brightness:
    description = Description(
        "brightness", "1", Task.MEASURE, "Mean of all samples.", {"brightness": "Mean, 0 to 255."},
        determinism=Determinism("0.05"),
    )

    def prepare(self, parameters, models):
        return read

def read(picture):
    pixels = picture.pixels()
    return [Finding("brightness", value=decimal_text(float(pixels.mean()), 3))]

ANALYZER = Brightness()
"""


@pytest.fixture
def brightness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The source of the analyzer `brightness`, which allows itself a difference of 0.05."""
    site = tmp_path / "site"
    about = site / "brightness_analyzer-1.0.dist-info"
    about.mkdir(parents=True)
    source = site / "brightness_analyzer.py"
    source.write_text(_SOURCE, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: brightness-analyzer\nVersion: 1.0\n")
    entry = "[vasculum.analyzers]\nbrightness = brightness_analyzer:ANALYZER\n"
    (about / "entry_points.txt").write_text(entry)
    monkeypatch.syspath_prepend(str(site))
    find_analyzer.cache_clear()
    yield source
    find_analyzer.cache_clear()
    sys.modules.pop("brightness_analyzer", None)  # the next test has a file of its own
