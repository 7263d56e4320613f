import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crawlers.fetch.sniff import NEEDED, describe, image_type

PILLOW = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "WEBP": "image/webp",
    "JPEG2000": "image/jp2",
}


@pytest.mark.parametrize("form", PILLOW)
def test_what_pillow_writes_is_known(form: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, form)
    assert image_type(file.getvalue()[:NEEDED]) == PILLOW[form]


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"II+\0\x08\0", "image/tiff"),
        (b"II*\0\x10\0\0\0CR\x02\0", "image/tiff"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"\0\0\0\x18ftypcrx isom", "image/x-canon-cr3"),
        (b"FUJIFILMCCD-RAW 0201", "image/x-fuji-raf"),
        (bytes(128) + b"DICM", "application/dicom"),
        (b"\0\0\0\x18ftypmp42", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"BM" + struct.pack("<IHHII", 9, 0, 0, 54, 41), None),
        (b"%PDF-1.4", None),
        (b"PK\x03\x04", None),
        (b"", None),
    ],
)
def test_raw_files_are_images_and_films_are_not(head: bytes, media_type: str | None) -> None:
    assert image_type(head) == media_type


@given(st.text(max_size=200))
def test_no_text_is_an_image_unless_it_begins_with_a_mark_of_one(text: str) -> None:
    marked = text.startswith(("II", "MM", "GIF8", "8BPS", "AT&T", "FUJI", "RIFF", "BM"))
    assert marked or image_type(text.encode()) is None or "\0" in text


@given(st.binary(max_size=NEEDED))
def test_anything_can_be_described(head: bytes) -> None:
    assert describe(head)
