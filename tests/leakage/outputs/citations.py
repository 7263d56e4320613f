"""Citations of everything that can be cited, in words and as bundles, and refusals of the rest."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from node.cli.main import run

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    for place, asked in enumerate(house.asked):
        # Each thing as a bundle, which holds most; the formats in words all say the same.
        for form in ("bundle", ("text", "bibtex", "ris", "csl", "datacite")[place % 5]):
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                run(["--node", str(house.node.layout.root), "cite", asked, "--format", form, "--unpacked"])
            told = (out.getvalue() + err.getvalue()).replace(asked, "")
            yield f"{form} of {asked}", told.encode()
            if form == "bundle" and out.getvalue():
                yield from ((f"inside {asked}", text) for text in _decoded(json.loads(out.getvalue())))


def _decoded(value: Any) -> Iterator[bytes]:
    """Texts of a bundle that hold other bytes in base64."""
    if isinstance(value, dict):
        for member in value.values():
            yield from _decoded(member)
    elif isinstance(value, list):
        for item in value:
            yield from _decoded(item)
    elif isinstance(value, str):
        with contextlib.suppress(ValueError):
            yield base64.b64decode(value, validate=True)
