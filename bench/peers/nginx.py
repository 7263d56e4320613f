"""nginx with sendfile over the very files that a node serves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import Skipped
from bench.processes import answers, free_port, running

_SETTINGS = """daemon off;
worker_processes auto;
{user}pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 512; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    default_type application/octet-stream;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@contextmanager
def nginx(work: Path, root: Path) -> Iterator[tuple[str, int]]:
    """Serve a folder; base URL and process id.

    Raises:
        Skipped: If nginx is not installed.
    """
    # Debian keeps it where only root looks by itself.
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise Skipped("nginx is not installed")
    folder = work / "nginx"
    folder.mkdir(exist_ok=True)
    port = free_port()
    user = "user root;\n" if os.getuid() == 0 else ""
    settings = folder / "nginx.conf"
    settings.write_text(_SETTINGS.format(folder=folder, port=port, root=root, user=user))
    command: list[str | Path] = [program, "-e", "stderr", "-p", folder, "-c", settings]
    with running(command, lambda: answers(port), folder / "log") as pid:
        yield f"http://127.0.0.1:{port}", pid
