"""Two nodes that have the same version of a dataset export the same bytes, whichever of them is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from manifests.export.registry import format_names
from node.datasets.known import find_dataset, members_of_dataset

if TYPE_CHECKING:
    from node.compose import Node
    from tests.conftest import Serve
    from tests.node.conftest import Vasculum
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


@pytest.mark.slow
def test_a_node_that_never_saw_a_withdrawn_member_exports_the_same_without_it(
    alder: Node,
    birch: Node,
    oaks: dict[str, Any],
    serve: Serve,
    dataset: Dataset,
    vasculum: Vasculum,
    tmp_path: Path,
) -> None:
    with alder.index() as index:
        member = next(members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"])))
    withdrawn = vasculum("--node", alder.layout.root, "withdraw", member.digest, "--reason", "rights")
    assert withdrawn.code == 0
    url = serve(alder.layout.root).url
    assert dataset(birch, "fetch", oaks["dataset"], "--from", url, "--follow").code == 3
    for form in ("webdataset", "dwca"):
        options = ("export", oaks["dataset"], "--format", form, "--to")
        assert dataset(birch, *options, tmp_path / form).code == 3, "it does not go unsaid"
        said = [
            dataset(node, *options, tmp_path / f"{form}-{place}", "--leave-out")
            for place, node in enumerate((alder, birch))
        ]
        assert [(one.code, one.summary["leftOut"]) for one in said] == [(3, 1), (3, 1)]
        assert said[0].summary["export"] == said[1].summary["export"], form
