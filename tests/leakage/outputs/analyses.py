"""What analyzers are told to tell: runs, runs made again, and what is shown of each image."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hashstore.digest import Digest
from node.cli.main import run

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    with house.node.index() as index:
        runs = index.rows(
            "SELECT digest FROM statement WHERE kind IN ('AnalysisRun', 'PipelineRun') ORDER BY log_index"
        )
        images = index.rows("SELECT DISTINCT digest FROM analysis WHERE access = 'public' ORDER BY digest")
    assert runs
    assert images
    assert len(runs) > 3, "those of a pipeline, too"
    again = [("reproduce", Digest(row["digest"]).uri, "--json") for row in runs]
    shown = [("show", Digest(row["digest"]).uri) for row in images]
    told = [("analyze", "image-facts", "--json"), ("analyzer", "ls", "--json"), ("outliers", "--json")]
    for arguments in (*told, *again, *shown):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["--node", str(house.node.layout.root), *arguments])
        assert code == 0, err.getvalue()
        yield " ".join(arguments), out.getvalue().encode() + err.getvalue().encode()
