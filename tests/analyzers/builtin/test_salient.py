"""What stands out completes what the rules have found: on insects and fossils, and never on sheets."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from analyzers.builtin.sheet_segments import taken_apart
from analyzers.models.origin import find_model
from analyzers.models.saliency import NETWORK
from analyzers.picture.picture import decode
from analyzers.vision.opencv import cv2
from analyzers.vision.salient import Salient, completed, salient_by

Inside = npt.NDArray[np.bool_]
FOLDER = "images/DiSSCo+SDR/galaxy-workflow/samples/images/"
# Outlined by hand, without antennae; after each the least that is asked of the mask within its bounds.
MOTHS = {
    "010515412_136820_1856556.2500x5792.jpeg": (
        0.88,
        "578,545 620,537 700,557 800,610 900,665 970,703 "
        "990,695 1000,665 1025,620 1055,620 1058,685 1070,705 "
        "1140,675 1260,610 1380,578 1470,578 1492,600 "
        "1485,660 1465,725 1425,765 1360,775 1405,810 1412,850 "
        "1370,905 1330,940 1300,990 1220,1030 1150,1015 "
        "1115,960 1075,885 1050,850 1045,930 1053,990 1037,1017 "
        "1015,990 987,910 980,850 962,840 945,900 915,990 "
        "840,1008 760,990 705,940 685,905 640,840 625,800 "
        "660,755 610,735 590,690 575,630",
    ),
    "010615522_151401_1084574.2500x5792.jpeg": (
        0.93,
        "178,515 270,488 380,508 520,575 640,635 750,685 785,685 800,635 832,610 865,630 875,665 905,698 "
        "1020,640 1160,570 1290,520 1360,515 1430,525 "
        "1477,555 1465,650 1430,760 1340,820 1285,823 1320,875 "
        "1327,915 1270,1000 1200,1060 1100,1105 1020,1106 "
        "935,1070 890,1010 882,920 870,840 860,920 865,1010 "
        "845,1060 810,1125 792,1144 770,1110 755,1010 760,920 752,840 750,940 735,1020 680,1080 610,1107 "
        "520,1090 420,1045 360,980 315,930 312,880 340,840 "
        "410,815 340,817 280,805 230,740 195,660 175,570",
    ),
}


@cache
def network() -> Salient:
    path = find_model(NETWORK)
    assert path is not None
    return salient_by(path)


def overlap(one: Inside, other: Inside) -> float:
    return float((one & other).sum() / (one | other).sum())


def squares(*places: int) -> Inside:
    found = np.zeros((40, 200), bool)
    for x in places:
        found[10:30, x : x + 20] = True
    return found


def test_a_thing_is_completed_only_if_the_rules_have_most_of_it() -> None:
    half = squares(10) & (np.arange(200) < 24)
    few = squares(60) & (np.arange(200) < 65)
    salient = squares(10, 60, 120)
    assert (completed(half | few, salient) == (squares(10) | few)).all()


def test_what_the_rules_have_found_stays() -> None:
    assert (completed(squares(10), squares(120)) == squares(10)).all()
    nothing = np.zeros((40, 200), bool)
    assert not completed(nothing, squares(10)).any()


def upright(pixels: npt.NDArray[np.uint8]) -> tuple[Inside, list[int]]:
    asked: list[int] = []

    def everything(seen: npt.NDArray[np.uint8]) -> Inside:
        asked.append(1)
        return np.ones(seen.shape[:2], bool)

    return taken_apart(pixels, everything).specimen, asked


def test_on_an_upright_pale_sheet_the_network_is_not_asked() -> None:
    sheet = np.full((600, 400, 3), 235, np.uint8)
    sheet[200:300, 150:250] = (60, 90, 40)
    assert not upright(sheet)[1]
    assert upright(np.ascontiguousarray(sheet.transpose(1, 0, 2)))[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", MOTHS)
def test_pale_wings_on_a_pale_ground_are_whole(shared_data: Path, name: str) -> None:
    pixels = decode((shared_data / FOLDER / name).read_bytes())
    least, outline = MOTHS[name]
    corners = np.array([[int(part) for part in pair.split(",")] for pair in outline.split()], np.int32)
    drawn = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(drawn, [corners], 1)
    (left, top), (right, bottom) = corners.min(0), corners.max(0)
    window = (slice(top, bottom), slice(left, right))
    wanted = drawn[window] > 0
    assert overlap(taken_apart(pixels, network()).specimen[window], wanted) > least
    assert overlap(taken_apart(pixels, None).specimen[window], wanted) < least, (
        "which rules alone do not reach"
    )
