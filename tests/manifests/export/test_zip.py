"""A ZIP of an export: the same bytes each time, read by others; one that somebody made up is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manifests.export.errors import DamagedExport
from manifests.export.manifest import MANIFEST_NAME
from manifests.export.sinks.zip import ZipSink
from manifests.export.verify import opened_tree

if TYPE_CHECKING:
    from tests.manifests.export.conftest import Export, Given


def test_a_zip_is_the_same_bytes_each_time_and_holds_what_the_folder_holds(
    given_dataset: Given, export: Export, tmp_path: Path
) -> None:
    for name in ("one.zip", "two.zip", "folder"):
        export(given_dataset, "bagit", tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist()[-1] == MANIFEST_NAME
        for info in archive.infolist():
            assert archive.read(info) == (tmp_path / "folder" / info.filename).read_bytes()
            assert (info.compress_type, info.external_attr >> 16 & 0o777) == (zipfile.ZIP_STORED, 0o644)
        assert len({info.date_time for info in archive.infolist()}) == 1


def test_a_large_file_has_sizes_of_64_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("manifests.export.sinks.zip._LARGE", 1000)
    sink = ZipSink(tmp_path / "out.zip", tmp_path, 0)
    for name, size in (("small", 999), ("large", 1000)):
        sink.put(name, size, iter((bytes(size),)))
    sink.publish()
    sink.close()
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        needed = {info.filename: info.extract_version for info in archive.infolist()}
    data = (tmp_path / "out.zip").read_bytes()
    assert data.index(b"\x01\x00\x10\x00") > data.index(b"large"), "the extra field of ZIP64"
    assert needed == {"small": 20, "large": 45}


def _made(path: Path, method: int = zipfile.ZIP_STORED, **names: bytes) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return path


def test_what_is_compressed_is_not_unpacked(tmp_path: Path) -> None:
    path = _made(tmp_path / "bomb.zip", zipfile.ZIP_DEFLATED, bomb=bytes(1 << 20))
    with opened_tree(path) as tree, pytest.raises(DamagedExport, match="compressed"):
        tree.open("bomb")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("same", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("same", b"2")
    with pytest.raises(DamagedExport, match="two files"), opened_tree(tmp_path / "two.zip"):
        pass


def test_a_zip_without_a_manifest_or_without_an_end_is_no_export(tmp_path: Path) -> None:
    path = _made(tmp_path / "other.zip", a=b"1", b=b"2")
    with opened_tree(path) as tree, pytest.raises(DamagedExport, match="no export"):
        list(tree.manifest())
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DamagedExport, match="cannot be read"), opened_tree(path):
        pass


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_byte_that_is_changed_anywhere_shows(tmp_path: Path, place: int) -> None:
    path = _made(tmp_path / "one.zip", name=b"0123456789")
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
    try:
        with opened_tree(path) as tree, tree.open("name") as file:
            assert file.read() == b"0123456789", "or it is told"
    except DamagedExport:
        pass
