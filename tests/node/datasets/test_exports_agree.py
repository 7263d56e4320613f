"""Two nodes that have the same version of a dataset export the same bytes, whichever of them is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manifests.export.registry import format_names

if TYPE_CHECKING:
    from node.compose import Node
    from tests.conftest import Serve
    from tests.node.datasets.conftest import Dataset


@pytest.mark.slow
def test_a_digest_and_one_peer_are_enough_for_the_same_export_in_every_format(
    alder: Node,
    birch: Node,
    oaks: dict[str, Any],
    serve: Serve,
    dataset: Dataset,
    tmp_path: Path,
) -> None:
    url = serve(alder.layout.root).url
    assert dataset(birch, "fetch", oaks["dataset"], "--from", url, "--follow").code == 0
    for form in format_names():
        options = ("export", oaks["dataset"], "--format", form, "--to")
        said = [
            dataset(node, *options, tmp_path / f"{form}-{place}") for place, node in enumerate((alder, birch))
        ]
        assert [one.code for one in said] == [0, 0], (form, [one.err for one in said])
        assert said[0].summary["export"] == said[1].summary["export"], form
