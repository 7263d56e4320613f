from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from node.museum import Museum


@pytest.fixture(scope="session")
def drawings_directory(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One directory of drawings for all tests, and for all processes that share the run."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "museum-drawings"


@pytest.fixture
def museum(drawings_directory: Path) -> Iterator[Museum]:
    with Museum(drawings_directory) as opened:
        yield opened


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10, trust_env=False) as opened:
        yield opened
