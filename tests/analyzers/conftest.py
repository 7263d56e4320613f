"""Analyzers that do everything wrong that a stranger's may do, installed as a package of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzers.registry import find_analyzer

_SOURCE = '''
import os, sys, time
from pathlib import Path
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.region import Box

class Wild:
    """Does what the first word of the picture's EXIF-free comment says: here, the picture's first pixel."""

    description = Description(
        "wild", "1", Task.DESCRIBE, "Misbehaves.", {"red": "Red of the first pixel."},
        parameters={"deed": {"type": "string", "default": "", "description": "What it does."},
                    "when": {"type": "integer", "default": 1, "minimum": 0, "maximum": 255,
                             "description": "At which red."}},
        needs=Needs(memory=4 << 30, seconds=0.2),
    )

    def prepare(self, parameters, models):
        return lambda picture: self.read(picture, parameters["deed"], parameters["when"])

    def read(self, picture, deed, when):
        print("password: swordfish", flush=True)
        print("password: swordfish", file=sys.stderr, flush=True)
        red = int(picture.pixels()[0, 0, 0])
        if red == when:
            getattr(self, deed)()
        if deed == "outside" and red == when:
            return [Finding("red", region=Box(0, 0, 9_999, 1), value=str(red))]
        if deed == "nan" and red == when:
            return [Finding("red", value="NaN")]
        if deed == "undeclared" and red == when:
            return [Finding("blue", value="1")]
        return [Finding("red", value=str(red))]

    def crash(self): os.abort()
    def leave(self): os._exit(3)
    def hang(self): time.sleep(3_600)
    def eat(self): self.eaten = bytearray(8 << 30)
    def raises(self): raise RuntimeError("the analyzer says no")
    def outside(self): pass
    def nan(self): pass
    def undeclared(self): pass

ANALYZER = Wild()
'''


@pytest.fixture
def wild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an analyzer that misbehaves as its parameters say; workers find it as the parent does."""
    site = tmp_path / "site"
    about = site / "wild_analyzers-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "wild_analyzers.py").write_text(_SOURCE, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: wild-analyzers\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[vasculum.analyzers]\nwild = wild_analyzers:ANALYZER\n")
    monkeypatch.syspath_prepend(str(site))
    find_analyzer.cache_clear()
    yield "wild"
    find_analyzer.cache_clear()
