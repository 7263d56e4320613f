"""Whatever labels and manifests say, no name leaves the folder, and no two classes become one."""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.export.darwin_core import Field, verbatim_fields
from manifests.export.errors import DamagedExport, ExportRefused, PlaceUnusable
from manifests.export.manifest import MANIFEST_NAME, Job, read_entry
from manifests.export.names import class_folders
from manifests.export.sinks.folder import FolderSink
from manifests.export.sinks.tar import TarSink
from manifests.export.text import csv_lines, tsv_line
from manifests.export.unfinished import Unfinished
from manifests.export.verify import opened_tree

if TYPE_CHECKING:
    from tests.manifests.export.conftest import Export, Given

HOSTILE = (
    "../../etc/passwd",
    "..",
    ".",
    "",
    "/",
    "\\",
    "a/b",
    "C:\\x",
    "NUL",
    "con.txt",
    "a\0b",
    "-rf",
    "~",
    " ",
)
LABELS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=120), st.just("Quercus robur"))


@given(labels=st.sets(st.one_of(LABELS, st.none()), max_size=20))
def test_class_folders_stay_where_they_are_and_differ_in_more_than_case(labels: set[str | None]) -> None:
    folders = class_folders(sorted(labels, key=str))
    assert len({name.lower() for name in folders.values()}) == len(labels)
    for name in folders.values():
        assert name.isascii()
        assert name not in ("", ".", "..")
        assert not set(name) & set('/\\:*?"<>|\0')
        assert not name.endswith((".", " "))
        assert PurePosixPath(name).name == name
        assert len(name) <= 109


def test_a_plain_label_is_the_name_of_its_folder() -> None:
    assert class_folders(["Quercus robur", None]) == {"Quercus robur": "Quercus robur", None: "unlabelled"}


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../b", "a//b", ".", "", "a\\b", "C:x", "a\nb", "a/."]
)
def test_a_manifest_cannot_name_what_lies_outside(path: str) -> None:
    line = {"digest": f"hash://sha256/{'0' * 64}", "path": path, "size": 1, "type": "File"}
    with pytest.raises(DamagedExport):
        read_entry(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def test_links_in_a_folder_are_not_followed(given_dataset: Given, export: Export, tmp_path: Path) -> None:
    export(given_dataset, "bagit", tmp_path / "bag")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "bag" / "bagit.txt").unlink()
    (tmp_path / "bag" / "bagit.txt").symlink_to(secret)
    os.rename(tmp_path / "bag" / "data", tmp_path / "elsewhere")
    (tmp_path / "bag" / "data").symlink_to(tmp_path / "elsewhere")
    with opened_tree(tmp_path / "bag") as tree:
        for path in ("bagit.txt", "data/members.csv"):
            with pytest.raises(DamagedExport):
                tree.open(path)


def test_links_that_somebody_put_beside_the_place_are_not_written_through(tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    (others / "file").write_text("theirs")
    (tmp_path / "folder").symlink_to(others)
    with pytest.raises(ExportRefused, match="link"):
        Unfinished(tmp_path / "folder", Job(Digest.of(b"a"), Digest.of(b"b"), "coco", "1"), resume=True)
    (tmp_path / "payload").symlink_to(others)
    (tmp_path / "payload.tar").symlink_to(others / "file")
    for kind in (FolderSink, TarSink):
        with pytest.raises(PlaceUnusable):
            kind(tmp_path / "out", tmp_path, 0)
    assert [(one.name, one.read_text()) for one in others.iterdir()] == [("file", "theirs")]


def test_a_link_to_a_folder_is_told_as_what_no_manifest_names(
    given_dataset: Given, export: Export, tmp_path: Path
) -> None:
    export(given_dataset, "bagit", tmp_path / "bag")
    (tmp_path / "bag" / "data" / "more").symlink_to("/etc")
    with opened_tree(tmp_path / "bag") as tree:
        assert "data/more" in list(tree.besides())


@pytest.mark.parametrize(
    "key", ["http://x.test/\ufffe", "http://[x", "http://x\u2100.test/a", "https://x.test/a b", "http:/x"]
)
def test_a_published_header_that_no_descriptor_can_hold_keeps_its_values_without_a_term(key: str) -> None:
    assert verbatim_fields([{"verbatim": json.dumps({key: "a"})}]) == (Field(key, None),)


@given(st.lists(st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"])), min_size=2))
@example(["=1+1", '+cmd|" /C calc"!A0', "-2", "@SUM(A1)", '"', "a,b;c", "\u2028 \x85"])
def test_published_values_stand_in_tables_as_they_are(values: list[str]) -> None:
    (line,) = csv_lines([values])
    assert next(csv.reader(io.StringIO(line, newline=""))) == values
    assert tsv_line(values) == "\t".join(values) + "\n"


def test_a_tar_is_read_without_unpacking_it(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        link = tarfile.TarInfo("images/x.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        last = tarfile.TarInfo(MANIFEST_NAME)
        tar.addfile(last, io.BytesIO())
    with opened_tree(tmp_path / "x.tar") as tree:
        assert list(tree.manifest()) == []
        with pytest.raises(DamagedExport, match="no plain file"):
            tree.open("images/x.jpg")


@pytest.mark.parametrize("data", [b"", b"no tar", bytes(2000)])
def test_what_is_no_export_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(data)
    with pytest.raises(DamagedExport), opened_tree(tmp_path / "x.tar") as tree:
        list(tree.manifest())


@pytest.mark.parametrize(
    "kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_SPARSE]
)
def test_headers_that_would_fill_the_memory_are_not_read(tmp_path: Path, kind: bytes) -> None:
    bomb = tarfile.TarInfo("bomb")
    bomb.type, bomb.size = kind, 1 << 40
    path = tmp_path / "x.tar"
    plain = tarfile.TarInfo("plain").tobuf(tarfile.USTAR_FORMAT)
    for before in (b"", plain):
        path.write_bytes(before + bomb.tobuf(tarfile.GNU_FORMAT))
        os.truncate(path, 1 << 32)
        with pytest.raises(DamagedExport), opened_tree(path) as tree:
            list(tree.manifest())
