"""Exports of datasets in every format: what they hold, and what is said of what they lack."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from manifests.export.registry import format_names
from node.cli.main import run

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    root = str(house.node.layout.root)
    with tempfile.TemporaryDirectory() as folder:
        # Their labels are persons and places; each format has one of them, that of rows has both.
        for number, form in enumerate((*format_names(), "dwca")):
            place = Path(folder) / f"{number}-{form}"
            out, err = io.StringIO(), io.StringIO()
            command = [
                "--node",
                root,
                "dataset",
                "export",
                "Everything",
                "--format",
                form,
                "--to",
                str(place),
            ]
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run([*command, "--leave-out"])
            assert code in (0, 3), err.getvalue()
            yield f"words of {form}", (out.getvalue() + err.getvalue()).replace(folder, "").encode()
            for path in sorted(place.rglob("*")):
                if path.is_file():
                    yield f"{form}/{path.relative_to(place)}", path.read_bytes()
