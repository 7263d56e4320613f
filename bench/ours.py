"""Our own command lines: those of the program, and of the bare store by `python -m bench.ours`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.harness import Command, Skipped

_PROGRAM = Path(sys.executable).with_name("vasculum")


def store_add(root: Path, source: Path) -> Command:
    """Add a folder to a bare store."""
    return [sys.executable, "-m", "bench.ours", "add", root, source]


def store_verify(root: Path) -> Command:
    """Verify a bare store."""
    return [sys.executable, "-m", "bench.ours", "verify", root]


def node_init(node: Path) -> None:
    """Make a node, outside of any time taken.

    Raises:
        Skipped: If the program cannot do that.
    """
    done = subprocess.run([_PROGRAM, "--node", node, "init"], capture_output=True, check=False)
    if done.returncode != 0:
        raise Skipped(f"vasculum init: {done.stderr.decode(errors='replace').strip()[-200:]}")


def node_add(node: Path, source: Path) -> Command:
    """Add a folder to a node, as a user does."""
    return [_PROGRAM, "--quiet", "--node", node, "add", source]


def node_track(node: Path, archive: Path) -> Command:
    """Track an archive's records, as a user does."""
    return [_PROGRAM, "--quiet", "--node", node, "track", "--no-images", archive]


def node_analyze(node: Path, analyzer: str, workers: int) -> Command:
    """Run an analyzer over a node's images, as a user does."""
    return [_PROGRAM, "--quiet", "--node", node, "analyze", analyzer, "--workers", str(workers)]


def node_status(node: Path) -> Command:
    """Ask a node what it holds, as JSON."""
    return [_PROGRAM, "--json", "--node", node, "status"]


def node_clone(node: Path, name: str, url: str) -> Command:
    """Bring a statement and all that it names from another node."""
    return [_PROGRAM, "--quiet", "--node", node, "clone", name, "--from", url]


def node_sync(node: Path) -> Command:
    """Follow all that is followed, once."""
    return [_PROGRAM, "--quiet", "--node", node, "sync"]


def node_rebuild(node: Path) -> Command:
    """Make a node's index anew."""
    return [_PROGRAM, "--quiet", "--node", node, "index", "rebuild"]


def node_export(node: Path, title: str, form: str, place: Path) -> Command:
    """Export a dataset, as a user does."""
    return [_PROGRAM, "--quiet", "--node", node, "dataset", "export", title, "--format", form, "--to", place]


def node_serve(node: Path, port: int) -> Command:
    """Serve a node on loopback."""
    return [_PROGRAM, "--quiet", "--node", node, "serve", "--port", str(port)]


def node_json(node: Path, *arguments: str | Path, fine: Sequence[int] = (0,)) -> dict[str, Any]:
    """Run a command outside of any time taken; its summary.

    Raises:
        RuntimeError: If it ends with another code than those that are fine.
    """
    done = subprocess.run(
        [_PROGRAM, "--json", "--quiet", "--node", node, *arguments],
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode not in fine:
        raise RuntimeError(f"vasculum {arguments[0]}: {done.stderr[-2000:]}")
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def has_command(name: str) -> bool:
    """Whether the installed program knows a command."""
    if not _PROGRAM.exists():
        return False
    return subprocess.run([_PROGRAM, name, "--help"], capture_output=True, check=False).returncode == 0


def _main(action: str, root: Path, *source: Path) -> None:
    # Imported here, so that its time counts as ours.
    from hashstore.blobstore import DirectoryBlobStore, add_files, verify_store

    store = DirectoryBlobStore(root)
    if action == "add":
        report = add_files(store, (path for path in sorted(source[0].iterdir())))
        if report.unreadable:
            sys.exit(str(report.unreadable[0]))
    elif faults := list(verify_store(store)):
        sys.exit(faults[0].message)


if __name__ == "__main__":
    _main(sys.argv[1], *map(Path, sys.argv[2:]))
