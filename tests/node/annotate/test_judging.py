"""An item is taken, or refused with the reason."""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.exchange.model import Item, Refused
from hashstore.digest import Digest
from node.annotate.judging import Judge, Taken, overlap
from node.annotate.naming import names_of_manifest
from node.errors import NodeError

IMAGE, OTHER = Digest.of(b"image"), Digest.of(b"other")
ITEM = Item(1, IMAGE.uri, {"kind": "object", "text": "Carabidae", "region": "xywh=pixel:1,2,20,20"}, (40, 30))
_NAN = base64.b64encode(struct.pack("<f", float("nan"))).decode()
NAMES = names_of_manifest(
    json.dumps(line).encode()
    for line in (
        {"type": "Export", "format": "coco"},
        {"type": "File", "path": "images/beetle.jpg", "digest": IMAGE.uri, "member": True, "size": 1},
        {"type": "File", "path": "a/same.jpg", "digest": IMAGE.uri, "member": True, "size": 1},
        {"type": "File", "path": "b/same.jpg", "digest": OTHER.uri, "member": True, "size": 1},
        {"type": "File", "path": "LICENSE", "digest": OTHER.uri, "size": 1},
        {"type": "Total", "files": 4},
    )
)


def judged(*items: Item | Refused, labels: tuple[str, ...] = ()) -> list[Taken | Refused]:
    return list(Judge(NAMES.find, {IMAGE: (40, 30)}, labels).judge(items))


def reason(item: Item, labels: tuple[str, ...] = ()) -> str | None:
    (found,) = judged(item, labels=labels)
    return found.reason if isinstance(found, Refused) else None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"image": IMAGE.hex}, None),
        ({"image": f"images/{IMAGE.hex}.jpg"}, None),
        ({"image": "images/beetle.jpg"}, None),
        ({"image": "C:\\elsewhere\\beetle.jpg"}, None),
        ({"image": "same.jpg"}, "image-unknown"),
        ({"image": OTHER.uri}, "image-unknown"),
        ({"image": "LICENSE"}, "image-unknown"),
        ({"size": (30, 40)}, "size-differs"),
        ({"finding": {"kind": "object", "region": "xywh=pixel:30,2,20,20"}}, "region-outside"),
        ({"finding": {"kind": "object", "region": "xywh=percent:3,2,2,2"}}, "malformed"),
        ({"finding": {"kind": "object", "confidence": "NaN"}}, "not-a-number"),
        ({"finding": {"kind": "object", "confidence": "1.5"}}, "not-a-number"),
        ({"finding": {"kind": "object", "vector": _NAN}}, "not-a-number"),
        ({"finding": {"kind": "object", "vector": "?"}}, "malformed"),
        ({"finding": {"kind": "An object"}}, "label-unknown"),
        ({"finding": {"kind": "object", "colour": "red"}}, "malformed"),
    ],
)  # fmt: skip
def test_each_item_is_taken_or_refused_with_its_reason(change: dict[str, Any], expected: str | None) -> None:
    assert reason(replace(ITEM, **change)) == expected


def test_labels_that_were_not_given_are_refused() -> None:
    assert reason(ITEM, ("Carabidae",)) is None
    assert reason(ITEM, ("Cerambycidae",)) == "label-unknown"
    assert reason(replace(ITEM, finding={"kind": "stamp"}), ("stamp",)) is None


def test_what_one_said_twice_of_one_place_is_a_duplicate_and_what_two_said_is_none() -> None:
    near = replace(ITEM, place=2, finding={**ITEM.finding, "region": "xywh=pixel:1,2,20,21"})
    far = replace(ITEM, place=3, finding={**ITEM.finding, "region": "xywh=pixel:9,9,20,20"})
    label = replace(ITEM, place=4, finding={**ITEM.finding, "text": "Cerambycidae"})
    hers = replace(ITEM, place=5, agent="https://orcid.org/0000-0002-1825-0097")
    found = judged(ITEM, near, far, label, hers, Refused(6, "malformed", "so it came"))
    assert [(one.place, one.reason) for one in found if isinstance(one, Refused)] == [
        (2, "duplicate"), (6, "malformed"),
    ]  # fmt: skip


_SIDE = st.integers(1, 30)
_BOX = st.builds("xywh=pixel:{},{},{},{}".format, _SIDE, _SIDE, _SIDE, _SIDE)


@given(_BOX, _BOX)
def test_overlap_is_that_of_both_and_all_of_itself(one: str, other: str) -> None:
    assert overlap(one, other) == overlap(other, one)
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, one) == overlap(None, None) == 1
    assert overlap(one, None) == 0


def test_a_file_that_is_no_manifest_is_named() -> None:
    with pytest.raises(NodeError, match=r"vasculum-export\.jsonl"):
        names_of_manifest([b"{}"])
