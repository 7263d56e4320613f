"""What is taken for a Darwin Core Archive, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.sources.dwca import is_unpacked_archive

TABLE = b"occurrenceID\tbasisOfRecord\tscientificName\n1\tPreservedSpecimen\tPoa annua\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(64)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"meta.xml": b"<archive/>", "occurrence.txt": TABLE}, True),
        ({"META.XML": b"<archive/>", "sheet.jpg": JPEG}, True),
        ({"occurrence.txt": TABLE, "eml.xml": b"<eml/>"}, True),
        ({"names.txt": TABLE, "sheet.jpg": JPEG}, False),
        ({"sheet.jpg": JPEG}, False),
        ({"notes.txt": b"read me"}, False),
        ({".hidden.txt": TABLE}, False),
        ({}, False),
    ],
)
def test_a_folder_is_an_archive_by_its_descriptor_or_by_a_table_without_images(
    tmp_path: Path, files: dict[str, bytes], expected: bool
) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert is_unpacked_archive(tmp_path) is expected


def test_what_is_no_folder_is_no_unpacked_archive(tmp_path: Path) -> None:
    assert not is_unpacked_archive(tmp_path / "nowhere")
