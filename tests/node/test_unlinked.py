"""Media whose specimen the source lacks: counted, kept, and told of."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from node.compose import Node

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_META = """<archive xmlns="http://rs.tdwg.org/dwc/text/">
<core rowType="http://rs.tdwg.org/dwc/terms/Occurrence"
 ignoreHeaderLines="1" fieldsTerminatedBy="," linesTerminatedBy="\\n">
<files><location>occurrence.csv</location></files><id index="0"/>
<field index="1" term="http://rs.tdwg.org/dwc/terms/basisOfRecord"/></core>
<extension rowType="http://rs.gbif.org/terms/1.0/Multimedia"
 ignoreHeaderLines="1" fieldsTerminatedBy="," linesTerminatedBy="\\n">
<files><location>multimedia.csv</location></files><coreid index="0"/>
<field index="1" term="http://purl.org/dc/terms/identifier"/></extension>
</archive>
"""


def _archive(path: Path, media: tuple[str, ...]) -> Path:
    lines = "".join(f"{one},https://museum.test/{one}.jpg\n" for one in media)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("meta.xml", _META)
        archive.writestr("occurrence.csv", "id,basisOfRecord\ns1,PreservedSpecimen\n")
        archive.writestr("multimedia.csv", f"coreid,identifier\n{lines}")
    return path


def test_media_without_a_specimen_are_told_of(fresh: Node, tmp_path: Path, vasculum: Vasculum) -> None:
    node, path = ("--node", fresh.layout.root), tmp_path / "archive.zip"
    track = (*node, "--json", "track", _archive(path, ("s1", "s2", "s3")), "--no-images")
    assert vasculum(*track).summary["unlinked"] == 2
    assert "2 media name a specimen that their source lacks" in vasculum(*node, "status").out
    _archive(path, ("s1", "s2"))
    assert vasculum(*track).summary["unlinked"] == 0
    assert vasculum(*node, "--json", "status").summary["unlinkedMedia"] == 1


def test_a_person_reads_how_many_and_what_to_do(fresh: Node, tmp_path: Path, vasculum: Vasculum) -> None:
    archive = _archive(tmp_path / "archive.zip", ("s1", "s2"))
    said = vasculum("--node", fresh.layout.root, "track", archive, "--no-images")
    assert "Unlinked: media: 1 name a specimen that the source lacks." in said.out
