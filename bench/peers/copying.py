"""Others that bring a folder of files from one process to another over loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.corpus import Corpus
from bench.harness import Contender, Skipped
from bench.peers.others import GIT, shell, tools
from bench.processes import answers, cpu_seconds, free_port, running

_RSYNC = """use chroot = no
port = {port}
address = 127.0.0.1
[src]
path = {folder}
read only = yes
uid = {uid}
gid = {gid}
"""


@contextmanager
def rsync(work: Path, files: Corpus) -> Iterator[Contender]:
    """A daemon, and `rsync -a` from it; no checksum is compared, all is synced at the end."""
    needs("rsync")
    port = free_port()
    settings = work / "rsyncd.conf"
    settings.write_text(_RSYNC.format(port=port, folder=files.folder, uid=os.getuid(), gid=os.getgid()))
    daemon = ["rsync", "--daemon", "--no-detach", f"--config={settings}"]
    script = f'rsync -a --whole-file rsync://127.0.0.1:{port}/src/ "$1"/; sync -f "$1"'
    with running(daemon, lambda: answers(port), work / "rsync.log") as pid:
        yield Contender("rsync; sync -f", lambda out: shell(script, out), beside=lambda: cpu_seconds(pid))


@contextmanager
def rclone(work: Path, files: Corpus) -> Iterator[Contender]:
    """`rclone serve http`, and 16 transfers at a time from it."""
    needs("rclone")
    port = free_port()
    server = ["rclone", "serve", "http", "--config", "/dev/null", "--addr", f"127.0.0.1:{port}"]
    url = f"http://127.0.0.1:{port}/"
    script = (
        f'rclone copy --config /dev/null --transfers 16 --http-url {url} :http: "$1" --quiet; sync -f "$1"'
    )
    with running([*server, files.folder], lambda: answers(port), work / "rclone.log") as pid:
        yield Contender("rclone; sync -f", lambda out: shell(script, out), beside=lambda: cpu_seconds(pid))


@contextmanager
def git_annex(work: Path, files: Corpus) -> Iterator[Contender]:
    """`git annex get` from a repository on the same disk, 16 jobs; its clone is made before."""
    needs("git")
    environment = {**GIT, "PATH": f"{tools(work) / 'bin'}:/usr/local/bin:/usr/bin:/bin"}
    source = work / f"annex-of-{files.folder.name}"

    def run(folder: Path, *commands: str) -> None:
        for command in commands:
            subprocess.run(command.split(), cwd=folder, env=environment, check=True, capture_output=True)

    if not source.exists():
        unfinished = source.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(files.folder, unfinished)
        run(
            unfinished, "git init -q", "git annex init -q", "git annex add --quiet .", "git commit -qm corpus"
        )
        unfinished.rename(source)

    def prepare(output: Path) -> None:
        run(source.parent, f"git clone -q {source} {output}")
        run(output, "git annex init -q")

    script = 'cd "$1"; git annex get --quiet -J16 .; sync -f .'
    yield Contender("git annex get", lambda out: shell(script, out), prepare, environment=environment)


def needs(program: str) -> None:
    """Raise `Skipped` where a program is not installed."""
    if shutil.which(program) is None:
        raise Skipped(f"{program} is not installed")
