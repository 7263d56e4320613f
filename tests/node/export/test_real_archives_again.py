"""Real archives, exported again as Darwin Core Archives and tracked again, keep every published value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from hashstore.digest import Digest
from manifests.citing import Creator
from manifests.dataset.description import Description
from manifests.dataset.member import Member
from manifests.export.darwin_core import published
from manifests.export.formats.dwca import EXPORTER
from manifests.export.model import Made, Picture
from manifests.tables import TABLES
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from node.look.history import rows_of

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

pytestmark = pytest.mark.slow
# Values with controls of C1, rows without media, media by Audiovisual Core, thousands of SERNEC's records.
ARCHIVES = (
    "BelgianBiodiversityPlatform+python-dwca-reader/dwca/test/sample_files/gbif-results.zip",
    "DiSSCo+dissco-core-translator/src/test/resources/dwca/dwca-naturalis-ac-media.zip",
    "ropensci+rgbif/inst/examples/0000066-140928181241064.zip",
    "bio-guoda+preston-sernec/data/be/fc/befc5a1fa9bf6b4f417e0baa894fda6b2a6120afd58d8cf41e0a1bddb3264c12",
)
_DESCRIPTION = Description(
    statement=Digest.of(b"s"), manifest=Digest.of(b"m"), count=0, title="Again",
    creators=(Creator("Museum"),), license="CC0-1.0", version=1, made=datetime(2026, 1, 1, tzinfo=UTC),
    publisher="Museum", origin="",
)  # fmt: skip


class Everything:
    """All rows of a node as if each media row, and each specimen without one, were a member."""

    description = _DESCRIPTION

    def __init__(self, specimens: Sequence[Mapping[str, Any]], media: Sequence[Mapping[str, Any]]) -> None:
        self._table = {row["rowUri"]: row for row in (*specimens, *media)}
        by_id = {row["id"]: row["rowUri"] for row in specimens}
        shown = [(row["rowUri"], by_id.get(row["id"])) for row in media]
        pictured = {specimen for _, specimen in shown}
        shown += [(None, uri) for uri in by_id.values() if uri not in pictured]
        self._members = sorted((_member(*pair) for pair in shown), key=lambda member: member.digest)

    def members(self) -> Iterator[Member]:
        return iter(self._members)

    def rows(self, uris: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {uri: self._table[uri] for uri in uris}

    def open(self, digest: Digest) -> BinaryIO:
        raise AssertionError("an archive holds no bytes of images")

    def pictures(self, members: Sequence[Member]) -> Sequence[Picture]:
        raise AssertionError("nor their sizes")


def _member(media: str | None, specimen: str | None) -> Member:
    digest = Digest.of(f"{media} {specimen}".encode())
    return Member(digest, 0, "image/jpeg", media, specimen, None, None, None, "", None, None)


def _rows(node: Node, table: str) -> tuple[Mapping[str, Any], ...]:
    with node.index() as index:
        return rows_of(index, table, "t.current", [])


def _told(table: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    names = [name for name, _ in published(TABLES[table])]
    return sorted(
        repr(([row.get(name) for name in names], json.loads(row.get("verbatim") or "{}"))) for row in rows
    )


@pytest.mark.parametrize("name", ARCHIVES, ids=lambda name: name.partition("/")[0])
def test_a_real_archive_keeps_every_value(
    name: str, shared_data: Path, fresh: Node, tmp_path: Path, vasculum: Vasculum
) -> None:
    path = shared_data / "dwca" / name
    assert vasculum("--node", fresh.layout.root, "track", path, "--no-images").code == 0
    specimens, media = (_rows(fresh, table) for table in ("specimen", "media"))
    assert specimens
    (tmp_path / "again").mkdir()
    for file in EXPORTER.files(Everything(specimens, media)):
        assert isinstance(file, Made)
        (tmp_path / "again" / file.path).write_bytes(b"".join(bytes(chunk) for chunk in file.chunks()))
    second = create_node(Layout(tmp_path / "second"), "Second", "second.test/log")
    assert vasculum("--node", second.layout.root, "track", tmp_path / "again", "--no-images").code == 0
    for table, rows in (("specimen", specimens), ("media", media)):
        assert _told(table, _rows(second, table)) == _told(table, rows)
