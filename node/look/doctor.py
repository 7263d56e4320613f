"""`doctor`: quick checks of a machine and a node, each with what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from node.compose import Node, open_node, passphrase
from node.layout import Layout
from provenance.keys import SigningKey

_LOW = 2 * 1024**3
_LIBRARIES = ("cryptography", "duckdb", "httpx", "pyarrow", "pyld", "pyoxigraph")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it is in order, and what was seen or what to do."""

    what: str
    ok: bool
    detail: str

    def fields(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {"type": "check", "what": self.what, "ok": self.ok, "detail": self.detail}


def examine_machine() -> Iterator[Finding]:
    """Check what a node runs on, whether or not there is one."""
    yield Finding("Python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield Finding("libraries", True, ", ".join(f"{name} {version(name)}" for name in _LIBRARIES))
    yield _sandbox()


def examine(layout: Layout) -> Iterator[Finding]:
    """Check one thing after the other; a broken one never hides the next."""
    yield from examine_machine()
    yield _disk(layout)
    yield _attempt("writing", lambda: _writable(layout))
    node: list[Node] = []
    yield _attempt("settings", lambda: _settings(layout, node))
    for what, check in _NODE_CHECKS:
        if node:
            yield _attempt(what, lambda check=check: check(node[0]))  # type: ignore[misc]


def _sandbox() -> Finding:
    """Few nodes run other people's code, so that one cannot is nothing that is wrong with it."""
    from node.sandbox.errors import SandboxError
    from node.sandbox.programs import sandbox_programs

    try:
        return Finding("sandbox", True, f"other people's analyzers run in {sandbox_programs()[0]}")
    except SandboxError as error:
        return Finding("sandbox", True, f"none: {error}")


def _attempt(what: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, check())
    except Exception as error:
        return Finding(what, False, str(error))


def _disk(layout: Layout) -> Finding:
    free = shutil.disk_usage(layout.root).free
    words = f"{free / 1024**3:.1f} GiB free at {layout.root}"
    return Finding("disk", free >= _LOW, words if free >= _LOW else f"{words}: make room before you track")


def _writable(layout: Layout) -> str:
    if not os.access(layout.root, os.W_OK):
        raise PermissionError(f"{layout.root} cannot be written by this user")
    return f"{layout.root} can be written"


def _settings(layout: Layout, node: list[Node]) -> str:
    node.append(open_node(layout))
    return f"{layout.config} is in order"


def _keys(node: Node) -> str:
    for path in (node.layout.identity_key, node.layout.log_key):
        SigningKey.load(path, passphrase())
    return f"signs as {node.identity_public.did}"


def _log(node: Node) -> str:
    head = node.reader.head()
    if not node.layout.log_lock.exists():
        raise FileNotFoundError(
            f"{node.layout.log_lock} is gone: this node does not sign until it is given the newest head "
            "that others know: vasculum log restore-lock --checkpoint FILE|URL"
        )
    return f"{head.size} entries, checkpoint signed by this node"


def _index(node: Node) -> str:
    with node.index() as index:
        return f"up to log entry {index.log_size()}"


_NODE_CHECKS: tuple[tuple[str, Callable[[Node], str]], ...] = (
    ("keys", _keys),
    ("log", _log),
    ("index", _index),
)
