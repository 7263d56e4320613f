"""What tests of every package share: the real data beside the project, and programs that may be absent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more of the machine, and of who else uses it, than of the law.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parents[1]


# Debian keeps servers where only root looks for programs.
_PROGRAMS = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def _skip_or_fail(reason: str) -> None:
    """Skip by name; where CI promises that everything is there, a skip would hide a broken promise."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{reason}; in CI this must not be skipped")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def project_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that nobody here wrote. Only ever read."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        _skip_or_fail("the real data beside the project (../shared/data) is not here")
    return folder


@pytest.fixture(scope="session")
def skip_or_fail() -> Callable[[str], None]:
    """Skip with a reason that names what is missing; in CI, fail."""
    return _skip_or_fail


@pytest.fixture(scope="session")
def needs_program() -> Callable[[str], str]:
    """Ask for a system program by name: its path, or a skip that names it."""

    def find(name: str) -> str:
        path = shutil.which(name, path=_PROGRAMS)
        if path is None:
            _skip_or_fail(f"the program {name} is not installed (see make deps-system)")
        assert path is not None
        return path

    return find


@pytest.fixture(scope="session")
def needs_path() -> Callable[[str, str], Path]:
    """Ask for a file or folder of the system and the package that brings it, or skip and name both."""

    def find(path: str, package: str) -> Path:
        if not Path(path).exists():
            _skip_or_fail(f"{path} of the package {package} is not installed (see make deps-system)")
        return Path(path)

    return find


@pytest.fixture(scope="session")
def drawings_directory(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One directory of drawings for all tests, and for all processes that share the run."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "museum-drawings"
