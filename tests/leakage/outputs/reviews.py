"""What waits for review, and what is given out of findings in the formats of others."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from node.cli.main import run

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    yield "review ls", _said(house, "review", "ls", "--kind", "width", "--limit", "100000", "--json")
    with tempfile.TemporaryDirectory() as folder:
        for form in ("w3c", "coco", "voc", "labelme", "csv", "jsonl"):
            file = Path(folder) / form
            said = _said(house, "annotate", "export", "--as", form, "--to", str(file))
            yield f"annotate export --as {form}", file.read_bytes() + said.replace(folder.encode(), b"")


def _said(house: House, *arguments: str) -> bytes:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["--node", str(house.node.layout.root), *arguments])
    assert code == 0, err.getvalue()
    return out.getvalue().encode() + err.getvalue().encode()
