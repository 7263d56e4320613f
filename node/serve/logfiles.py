"""Logs as static files: which file answers a path below `/log/` or `/mirror/<origin-hash>/`. Pure."""

from __future__ import annotations

import re
from pathlib import Path

from node.layout import Layout
from provenance.log.reader import CHECKPOINT
from provenance.log.tiles import WIDTH, parse_tile_path

_MIRROR = re.compile(r"/mirror/([0-9a-f]{64})/(.+)", re.ASCII)
_LOG = "/log/"
_FULL_TILE = "public, max-age=31536000, immutable"
_CHECKPOINT = "no-cache"


def log_file(layout: Layout, path: str) -> tuple[Path, dict[str, str]] | None:
    """The file that a request's path names, and the fields of the answer; None if it names none.

    Only the exact paths of C2SP tlog-tiles are taken, so that no path leads out of a log's folder.
    """
    if path.startswith(_LOG):
        folder, name = layout.log, path.removeprefix(_LOG)
    elif found := _MIRROR.fullmatch(path):
        folder, name = layout.root / "mirror" / found[1], found[2]
    else:
        return None
    fields = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
    if name == CHECKPOINT:
        text = {"content-type": "text/plain; charset=utf-8", "cache-control": _CHECKPOINT}
        return folder / name, fields | text
    tile = parse_tile_path(name)
    if tile is None:
        return None
    # A partial tile stays what it is, but is asked for only until the next head; tiles never change.
    age = _FULL_TILE if tile.width == WIDTH else "public, max-age=3600"
    binary = {"content-type": "application/octet-stream", "cache-control": age}
    return folder / tile.path, fields | binary
