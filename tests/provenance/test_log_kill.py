from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hashstore.merkle import verify_consistency
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD
from provenance.log.log import Log
from provenance.log.verify import verify_log

ORIGIN = "museum.example/log"
KEY = SigningKey(b"l" * 32)

WRITER = """
import itertools, os, sys
from pathlib import Path
from provenance.keys import SigningKey
from provenance.log.log import Log
log = Log(Path(sys.argv[1]) / "log", "museum.example/log", SigningKey(b"l" * 32))
os.write(1, b"ready\\n")
for n in itertools.count():
    leaves = [f"{sys.argv[2]} {n} {m}".encode() for m in range(1 + n % 3)]
    log.append(leaves)
    os.write(1, b"".join(leaf + b"\\n" for leaf in leaves))
"""


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_no_acknowledged_leaf_and_forks_nothing(tmp_path: Path) -> None:
    chance = random.Random(6962)
    log = Log(tmp_path / "log", ORIGIN, KEY)
    acknowledged: list[bytes] = []
    old = EMPTY_HEAD
    for life in range(60):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(life)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.15))
        writer.kill()
        said = writer.stdout.read()
        writer.wait()
        acknowledged += said[: said.rfind(b"\n") + 1].split(b"\n")[:-1]
        head = log.recover()
        verify_consistency(old.size, old.root, head.size, head.root, log.consistency(old))
        old = head
        faults = list(
            verify_log(tmp_path / "log", VerifierKey(ORIGIN, KEY.public), lock=tmp_path / "log.lock")
        )
        assert faults == []
    assert set(acknowledged) <= set(log.leaves())
    assert len(acknowledged) > 60
    assert os.listdir(tmp_path / "log" / "tmp") == []
