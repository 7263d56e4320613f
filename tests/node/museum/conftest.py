from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from node.museum import Museum


@pytest.fixture
def museum(drawings_directory: Path) -> Iterator[Museum]:
    with Museum(drawings_directory) as opened:
        yield opened


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as opened:
        yield opened
