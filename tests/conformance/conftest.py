"""What the conformance tests share: a node that tracked the drawn museum, npm packages, nginx."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.museum import Museum

# Around a configuration that we ship: one process, without rights and outside the system's own folders.
_NGINX_MAIN = """
daemon off;
master_process off;
pid {folder}/pid;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/vasculum.conf;
}}
"""


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


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def unused_port() -> Callable[[], int]:
    """A port of this machine on which nobody listens."""
    return _free_port


@pytest.fixture(scope="session")
def nginx(
    needs_program: Callable[[str], str], project_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[str]]:
    """Run nginx with a configuration of deploy/ over a folder and before an `upstream`; gives its address."""
    program = needs_program("nginx")

    @contextmanager
    def serve(shipped: str, root: Path, upstream: str | None = None) -> Iterator[str]:
        port, folder = _free_port(), tmp_path_factory.mktemp("nginx")
        text = (project_root / "deploy" / shipped).read_text()
        text = _change(text, "listen 80;", f"listen 127.0.0.1:{port};")
        text = _change(
            text, "root /var/lib/vasculum;" if upstream else "root /srv/vasculum;", f"root {root};"
        )
        if upstream:
            text = _change(text, "server 127.0.0.1:8080;", f"server {upstream};")
        (folder / "vasculum.conf").write_text(text)
        (folder / "nginx.conf").write_text(_NGINX_MAIN.format(folder=folder))
        command = [program, "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
        process = subprocess.Popen(command)
        try:
            _await_listener(process, port, folder / "error.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=10)

    return serve


def _change(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"the shipped configuration does not say {old!r} once"
    return text.replace(old, new)


def _await_listener(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nginx does not listen")
