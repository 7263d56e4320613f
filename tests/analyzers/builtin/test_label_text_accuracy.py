"""How much of real labels is read: words of published transcripts, and of labels that we read ourselves."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from analyzers.builtin.label_text import ANALYZER
from analyzers.models.origin import find_model
from analyzers.picture.picture import Picture
from hashstore.digest import Digest

_MFN = (
    "images/MargotBelot+entomological-label-information-extraction/unit_tests/testdata/"
    "cropped_pictures/coll.mfn-berlin.de_u_"
)
_ANTWEB = "images/MargotBelot+entomological-label-information-extraction/unit_tests/testdata/"
# What a person reads there; print and typewriter only.
_READ_BY_US: Final[Mapping[str, str]] = {
    f"{_MFN}115ff7__Preview_label_typed_1_printed.jpg": "http://coll.mfn- berlin.de/u/ 115ff7",
    f"{_MFN}115ffc__Preview_label_typed_2_printed.jpg": ("Niederlehme b.Kgswusterh. 26.6.21. Bischoff S.G."),
    f"{_MFN}1a8b13__Crambidae_sp_label_typed_2_printed.jpg": "MFNLEP- PYRALPHIL08-D2 DNA voucher",
    f"{_MFN}1b18f8__Crambidae_sp_label_typed_1_printed.jpg": "MFNLEP- PYRALPHIL01-F11 DNA",
    f"{_MFN}1b55a1_label_typed_1_printed.jpg": "MfN URI http://coll.mfn- berlin.de/u/ 1b55a1",
    f"{_MFN}8614a9__Preview_label_typed_1_printed.jpg": "http://coll.mfn-berlin.de/u/ 8614a9",
    f"{_MFN}8614b1__Preview_label_typed_2_printed.jpg": "Nordseeinsel Langeoog12.8.13 R.Heymons S.",
    f"{_ANTWEB}cropped_pictures/BLF1562(11)-2_L_label_typed_3_printed.jpg": (
        "sifted litter (leaf mold, rotten wood) montane rainforest"
    ),
    f"{_ANTWEB}uncropped/CASENT0922705_L.jpg": (
        "Tapinoma festae det. L. Borowiec GREECE, Crete, Rethymno Pr. Xirokambos 35°06.688 N/24°33.644 E "
        "12 V 2013, 24 m L. Borowiec Collection L. Borowiec Formicidae LBC-GR00989 ANTWEB CASENT 0922705 UCE"
    ),
}
_TRANSCRIPTS: Final[Mapping[str, str]] = {
    "images/DiSSCo+SDR/galaxy-workflow/samples/images/01.jpg": (
        "annotations/DiSSCo+sdr-datasets/pinned_insects/HTR/test/9c184955-2e83-493f-bf97-f8db2a53218d.json"
    ),
}


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def expected(shared_data: Path) -> Iterator[tuple[Path, str]]:
    for picture, text in _READ_BY_US.items():
        yield shared_data / picture, text
    for picture, transcript in _TRANSCRIPTS.items():
        lines = json.loads((shared_data / transcript).read_text())["transcriptions"]
        yield shared_data / picture, " ".join(line["transcription"] for line in lines)


@pytest.mark.slow
def test_of_ten_words_on_printed_labels_nine_are_read(
    shared_data: Path, needs_package: Callable[[str], Any]
) -> None:
    needs_package("onnxruntime")
    found = {model.name: find_model(model) for model in ANALYZER.description.models}
    reading = ANALYZER.prepare(
        {"longest": 2000, "least": "0.5"}, {name: path for name, path in found.items() if path}
    )
    right, read, told, each = 0, 0, 0, []
    for path, text in expected(shared_data):
        data = path.read_bytes()
        lines = [one.text or "" for one in reading(Picture(Digest.of(data), data)) if one.kind == "line"]
        said, wanted = words(" ".join(lines)), words(text)
        shared = (said & wanted).total()
        each.append(f"{path.name}: {shared} of {wanted.total()}, {said.total()} read")
        right, read, told = right + shared, read + said.total(), told + wanted.total()
    assert 2 * right / (read + told) > 0.9, each
