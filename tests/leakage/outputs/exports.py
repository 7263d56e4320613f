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


# They hold nothing but what `cff` does, which is among the others.
_ONLY_CITING = {"datacite", "bibtex", "ris", "csl"}


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    # Labels of the one are persons, of the other places; what holds whole rows is made of both.
    for form in format_names():
        if form not in _ONLY_CITING:
            yield from _exported(house, "Vetches", form)
    yield from _exported(house, "Places", "dwca")


def _exported(house: House, title: str, form: str) -> Iterator[tuple[str, bytes]]:
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / form
        command = ["--node", str(house.node.layout.root), "dataset", "export", title, "--format", form]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([*command, "--to", str(place), "--leave-out"])
        assert code in (0, 3), err.getvalue()
        yield f"words of {form} of {title}", (out.getvalue() + err.getvalue()).replace(folder, "").encode()
        for path in sorted(place.rglob("*")):
            if path.is_file():
                yield f"{title}/{form}/{path.relative_to(place)}", path.read_bytes()
