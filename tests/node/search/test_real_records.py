"""Herbaria's own archives in one node: what is found is what the reference says of each record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from manifests.filter import matches, read_filter
from manifests.filter.comparing import folded
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.search.database import SearchDatabase
from node.search.generation import bring_up
from node.search.run import Asked, search

_SMALLEST, _LARGEST, _MOST = 100_000, 1_500_000, 4
FILTERS = (
    "family:Fagaceae", "taxon:Quercus AND date<1980", "country:\"United States\" AND NOT family:*",
    "date:1950..1969", "NOT date:*", "place:box(-95, 30, -80, 40)", "place:polygon(-95 30, -80 30, -85 40)",
    "locality~road", "creek road", "recordedBy:*", "catalogNumber:CAU*", "NOT license:unknown",
    "typeStatus:* OR habitat~forest", "scientificName~alba AND NOT country:*",
)  # fmt: skip


@pytest.fixture(scope="module")
def herbaria(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("herbaria")
    node = create_node(Layout(folder / "node"), "Herbaria", "herbaria.test/log")
    held = shared_data / "dwca" / "bio-guoda+preston-sernec" / "data"
    files = sorted(path for path in held.rglob("*") if path.is_file())
    chosen = [path for path in files if _SMALLEST < path.stat().st_size < _LARGEST][:_MOST]
    assert len(chosen) == _MOST
    for path in chosen:
        archive = folder / f"{path.name}.zip"
        archive.write_bytes(path.read_bytes())
        assert run(["--node", str(node.layout.root), "--quiet", "track", "--no-images", str(archive)]) in (
            0,
            3,
        )
    return open_node(node.layout)


@pytest.mark.slow
def test_every_filter_finds_what_the_reference_says(herbaria: Node) -> None:
    with herbaria.index() as index:
        specimens = index.rows("SELECT * FROM specimen WHERE current AND access = 'public'")
        shown: dict[tuple[str, Any], list[dict[str, Any]]] = {}
        for media in index.rows("SELECT * FROM media WHERE current AND access = 'public'"):
            shown.setdefault((media["source"], media["id"]), []).append(media)
    assert len(specimens) > 5_000
    database = SearchDatabase(bring_up(herbaria))
    try:
        for text in FILTERS:
            tree = read_filter(text)
            none: list[dict[str, Any] | None] = [None]
            fitting = [
                row
                for row in specimens
                if any(
                    matches(tree, specimen=row, media=media)
                    for media in shown.get((row["source"], row["id"])) or none
                )
            ]
            found = search(database, Asked(tree, facets=["family"], values=1000))
            assert found.total == len(fitting), text
            families = Counter(family for row in fitting if (family := folded(row["family"])))
            assert {folded(value): n for value, n in found.facets[0].values} == dict(families), text
    finally:
        database.close()
