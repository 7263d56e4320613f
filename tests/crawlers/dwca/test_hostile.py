"""Archives that try something: each ends in one clear line, and nothing of it lands."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawlers.dwca import ArchiveRefused, convert_archive
from crawlers.dwca.convert import convert_here
from crawlers.dwca.limits import Limits
from hashstore.digest import Digest


@pytest.fixture
def good(drawn: Any) -> dict[str, bytes]:
    return {"meta.xml": drawn.meta(drawn.core), "occurrence.txt": drawn.header + b"1\ta\tb\tc\td\te\n"}


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., str]:
    """Convert these bytes and return the refusal, which must be one line."""

    def run(data: bytes, name: str = "archive.zip", **limits: int) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ArchiveRefused) as caught:
            convert_here(path, Digest.of(data), "s", tmp_path / "out", Limits(**limits))
        assert "\n" not in str(caught.value)
        assert not list((tmp_path / "out").iterdir())
        return str(caught.value)

    return run


@pytest.mark.parametrize(
    "name",
    ["../occurrence.txt", "a/../../b.txt", "/etc/passwd", "C:/x.txt", "..\\x.txt", "\\\\host\\x.txt"],
)
def test_names_that_lead_out_are_refused(
    name: str, good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    assert "leads out of the archive" in refusal(drawn.zip({**good, name: b"x"}))


def test_a_symbolic_link_in_a_zip_is_refused(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    stream = io.BytesIO(drawn.zip(good))
    with zipfile.ZipFile(stream, "a") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "'link.txt' is a symbolic link" in refusal(stream.getvalue())


def test_a_link_in_a_tar_is_refused(refusal: Callable[..., str]) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("occurrence.txt")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    assert "is a link or a device" in refusal(stream.getvalue(), "archive.tar.gz")


def test_a_symbolic_link_in_a_folder_is_refused(tmp_path: Path, good: dict[str, bytes]) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "meta.xml").write_bytes(good["meta.xml"])
    (folder / "occurrence.txt").symlink_to("/etc/passwd")
    with pytest.raises(ArchiveRefused, match="symbolic link"):
        convert_here(folder, {}, "s", tmp_path / "out")


def test_a_name_that_stands_twice_is_refused(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    stream = io.BytesIO(drawn.zip(good))
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("occurrence.txt", b"other")
    assert "stands in it twice" in refusal(stream.getvalue())


def test_a_bomb_is_refused_by_its_ratio(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    bomb = drawn.zip({**good, "occurrence.txt": b"0" * 3_000_000})
    assert "as decompression bombs do" in refusal(bomb, ratio_from=1_000_000)


def test_a_gzip_file_is_no_tar_whatever_its_time_stamp(refusal: Callable[..., str]) -> None:
    passes_for_tar = gzip.compress(b"0" * 3_000_000, mtime=0x6B049F65)
    assert tarfile.is_tarfile(io.BytesIO(passes_for_tar)), "what the standard library takes for a tar"
    assert "unpacks to more than" in refusal(passes_for_tar, "a.csv.gz", ratio_from=1_000_000)


def test_a_bomb_in_a_tar_or_a_gzip_is_refused_by_its_ratio(refusal: Callable[..., str]) -> None:
    data = gzip.compress(b"0" * 3_000_000)
    assert "unpacks to more than" in refusal(data, "a.csv.gz", ratio_from=1_000_000)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("occurrence.txt")
        info.size = 3_000_000
        archive.addfile(info, io.BytesIO(b"0" * info.size))
    assert "as decompression bombs do" in refusal(stream.getvalue(), "a.tar.gz", ratio_from=1_000_000)


def test_more_bytes_than_allowed_are_refused(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    data = drawn.zip({**good, "random.bin": os.urandom(200_000)})
    assert "unpacks to more than 100000 bytes" in refusal(data, max_total=100_000)


def test_an_encrypted_member_is_refused(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    data = bytearray(drawn.zip(good))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 1)
    assert "is encrypted" in refusal(bytes(data))


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_truncated_zip_is_refused(
    kept: float, good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    data = drawn.zip(good)
    assert "damaged or truncated zip" in refusal(data[: int(len(data) * kept)])


def test_a_flipped_byte_in_a_member_is_refused_by_its_checksum(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    table = good["occurrence.txt"] + os.urandom(500).hex().encode() + b"\n"
    data = bytearray(drawn.zip({**good, "occurrence.txt": table}))
    data[data.rfind(b"occurrence.txt", 0, data.rfind(b"PK\x01\x02")) + 200] ^= 0x10
    assert "occurrence.txt: it cannot be unpacked" in refusal(bytes(data))


ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><archive><core>&x;</core></archive>'
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><archive metadata="&b;"/>'


@pytest.mark.parametrize("meta", [ENTITY, LAUGHS, b"<!DOCTYPE archive><archive/>"])
def test_entities_and_dtds_are_refused(meta: bytes, drawn: Any, refusal: Callable[..., str]) -> None:
    assert refusal(drawn.zip({"meta.xml": meta})).startswith("meta.xml: it declares a DTD or entities")


def test_a_missing_data_file_is_named(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    del good["occurrence.txt"]
    assert refusal(drawn.zip(good)).startswith("occurrence.txt: meta.xml names this data file")


def test_a_location_cannot_climb_out_of_the_archive(
    good: dict[str, bytes], drawn: Any, refusal: Callable[..., str]
) -> None:
    for location in ("../../etc/passwd", "/etc/passwd", "file:///etc/passwd"):
        good["meta.xml"] = drawn.meta(drawn.core.replace("occurrence.txt", location))
        assert location in refusal(drawn.zip(good))


def test_xml_that_is_not_well_formed_names_its_line(drawn: Any, refusal: Callable[..., str]) -> None:
    assert refusal(drawn.zip({"meta.xml": b"<archive>\n<core>\n</archive>"})).startswith("meta.xml, line 3:")


def test_two_archives_in_one_are_refused(drawn: Any, refusal: Callable[..., str]) -> None:
    data = drawn.zip({"a/meta.xml": b"<archive/>", "b/meta.xml": b"<archive/>"})
    assert "several archives: a/meta.xml, b/meta.xml" in refusal(data)


def test_several_tables_without_descriptor_are_refused_by_name(
    drawn: Any, refusal: Callable[..., str]
) -> None:
    table = b"occurrenceID,catalogNumber\n1,2\n"
    assert "a.csv, b.csv" in refusal(drawn.zip({"a.csv": table, "b.csv": table}))


def test_a_spreadsheet_is_told_apart_from_an_archive(drawn: Any, refusal: Callable[..., str]) -> None:
    assert "spreadsheet" in refusal(drawn.zip({"[Content_Types].xml": b"<x/>", "xl/a.xml": b"<x/>"}))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match=r"^gone\.zip: it cannot be read"):
        convert_here(tmp_path / "gone.zip", Digest.of(b""), "s", tmp_path / "out")


def test_the_box_hands_a_refusal_through(tmp_path: Path, drawn: Any) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(drawn.zip({"meta.xml": ENTITY}))
    with pytest.raises(ArchiveRefused) as caught:
        convert_archive(path, Digest.of(path.read_bytes()), "s", tmp_path / "out")
    assert (caught.value.file, caught.value.line) == ("meta.xml", None)


def test_the_box_turns_a_limit_into_a_refusal(tmp_path: Path, good: dict[str, bytes], drawn: Any) -> None:
    path = tmp_path / "archive.zip"
    path.write_bytes(drawn.zip(good))
    with pytest.raises(ArchiveRefused, match=r"^archive\.zip: .*memory|^archive\.zip: the process"):
        convert_archive(
            path, Digest.of(path.read_bytes()), "s", tmp_path / "out", Limits(address_space=100 << 20)
        )
