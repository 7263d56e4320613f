"""What the conformance tests share: a node that has tracked the drawn museum, and libraries from npm."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.museum import Museum


@pytest.fixture(scope="session")
def tracked_node(drawings_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node that tracked the museum in both its versions; to be read only."""
    root = tmp_path_factory.mktemp("tracked") / "node"
    create_node(Layout(root), "Test Herbarium", "herbarium.test/log")
    with Museum(drawings_directory) as museum:
        assert run(["--node", str(root), "--quiet", "track", museum.archive_url]) == 3
        museum.advance()
        assert run(["--node", str(root), "--quiet", "track", museum.archive_url]) == 3
    return open_node(Layout(root))


@pytest.fixture(scope="session")
def npm_packages(
    needs_program: Callable[[str], str], skip_or_fail: Callable[[str], None]
) -> Callable[[Path], Path]:
    """Have npm install what a folder's lock file names; it is kept in the user's cache for the next time."""
    npm = needs_program("npm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vasculum-tests"

    def install(source: Path) -> Path:
        lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
        kept = cache / f"npm-{lock[:16]}"
        if not kept.is_dir():
            fresh = cache / f"npm-{lock[:16]}.{os.getpid()}"
            fresh.mkdir(parents=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source / name, fresh)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(
                command, cwd=fresh, capture_output=True, text=True, timeout=200, check=False
            )
            if done.returncode:
                shutil.rmtree(fresh)
                skip_or_fail(f"npm could not install {source.name}'s packages: {done.stderr[-500:]}")
            _put(fresh, kept)
        return kept / "node_modules"

    return install


def _put(fresh: Path, kept: Path) -> None:
    """Give it its name, unless another process was quicker."""
    try:
        fresh.rename(kept)
    except OSError:
        shutil.rmtree(fresh)
