"""What is written is read again as it was, as far as the format can say it; what it cannot is told."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.errors import AnalyzerError
from analyzers.exchange.formats import FORMATS, format_named
from analyzers.exchange.masks import counts_of, mask_around, mask_of, pixels_of
from analyzers.exchange.model import Item, MalformedFile, Refused
from analyzers.exchange.voc import read_voc
from analyzers.region import Box, Grid, Mask, Point, Polygon
from hashstore.digest import Digest

SIZE = (40, 30)
IMAGES = tuple(Digest.of(bytes([n])).uri for n in range(3))
ORCID = "https://orcid.org/0000-0002-1825-0097"

words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
decimals = st.integers(0, 1000).map(lambda n: f"{n / 1000:.3f}".rstrip("0").rstrip("."))
boxes = st.builds(Box, st.integers(0, 20), st.integers(0, 10), st.integers(1, 20), st.integers(1, 20))
points = st.tuples(st.integers(0, 39), st.integers(0, 29))
polygons = st.lists(points, min_size=3, max_size=8, unique=True).map(lambda found: Polygon(tuple(found)))
pictures = st.integers(1, 2**60 - 1).map(
    lambda bits: np.array([bits >> n & 1 for n in range(60)], np.bool_).reshape(6, 10)
)
masks = pictures.map(mask_around)
all_regions = boxes | polygons | masks | st.builds(Point, st.integers(0, 39), st.integers(0, 29)) | st.just(
    Grid(2, 2, (1, 2, 1))
)  # fmt: skip


def findings(regions: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, str]]:
    optional = {
        "region": regions.map(lambda region: region.text), "text": words, "language": st.just("la"),
        "term": st.just("https://example.org/t"), "value": decimals, "unit": st.just("mm"),
        "uncertainty": decimals, "confidence": decimals,
        "vector": st.just(base64.b64encode(struct.pack("<2f", 0.6, 0.8)).decode()),
    }  # fmt: skip
    return st.fixed_dictionaries({"kind": st.sampled_from(["label", "stamp"])}, optional=optional).map(_whole)


def _whole(finding: dict[str, str]) -> dict[str, str]:
    """A language is that of a text."""
    return {name: value for name, value in finding.items() if name != "language" or "text" in finding}


def items(regions: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Item]]:
    said = st.builds(
        Item, st.just(0), st.sampled_from(IMAGES), findings(regions), st.just(SIZE), st.just("describing"),
        st.none() | st.just(ORCID), st.none() | st.just("2026-11-23T08:00:00Z"),
    )  # fmt: skip
    return st.lists(said, min_size=1, max_size=5).map(
        lambda found: [replace(one, place=place) for place, one in enumerate(found, 1)]
    )


def again(name: str, given: list[Item]) -> list[Item]:
    """What is read of what was written, without what is told beside."""
    found = list(FORMATS[name].read(FORMATS[name].write(given).data))
    assert all(isinstance(one, Item) for one in found), found
    return [one for one in found if isinstance(one, Item)]


@pytest.mark.parametrize("name", ["w3c", "csv", "jsonl"])
@given(given=items(all_regions))
def test_what_is_written_is_read_again_as_it_was(name: str, given: list[Item]) -> None:
    assert [replace(one, size=None) for one in given] == [
        replace(one, name=None) for one in again(name, given)
    ]
    assert FORMATS[name].write(given).lost == {}
    assert FORMATS[name].write(given) == FORMATS[name].write(given)


@given(items(boxes | polygons | masks))
def test_coco_keeps_places_labels_texts_and_scores_and_tells_what_it_loses(given: list[Item]) -> None:
    kept = ("kind", "region", "text", "confidence")
    expected = [{name: one.finding[name] for name in kept if name in one.finding} for one in given]
    found = again("coco", given)
    assert [dict(one.finding) for one in found] == expected
    assert [(one.image, one.size) for one in found] == [(one.image, SIZE) for one in given]
    lost = FORMATS["coco"].write(given).lost
    for name in ("term", "value", "vector"):
        assert lost.get(name, 0) == sum(name in one.finding for one in given)
    assert lost.get("agent", 0) == sum(one.agent is not None for one in given)


@pytest.mark.parametrize(("name", "regions"), [("voc", boxes), ("labelme", boxes | polygons)])
@given(data=st.data())
def test_drawing_tools_keep_places_labels_and_texts(name: str, regions: Any, data: st.DataObject) -> None:
    drawn = data.draw(items(regions))
    given = [one for one in drawn if "region" in one.finding and one.finding.get("text", "x").strip()]
    given = [replace(one, finding=_trimmed(one.finding)) for one in given]
    kept = ("kind", "region", "text")
    found = again(name, given)
    assert [dict(one.finding) for one in found] == [
        {member: one.finding[member] for member in kept if member in one.finding} for one in given
    ]
    assert [(one.image, one.size) for one in found] == [(one.image, SIZE) for one in given]
    lost = FORMATS[name].write(given).lost
    assert lost.get("confidence", 0) == sum("confidence" in one.finding for one in given)


def _trimmed(finding: Mapping[str, str]) -> dict[str, str]:
    """XML keeps no noncharacters, and nobody keeps blanks around a name."""
    told = dict(finding)
    if "text" in told:
        told["text"] = "".join(c for c in told["text"] if ord(c) not in (0xFFFE, 0xFFFF)).strip() or "x"
    return told


@given(items(all_regions))
def test_what_coco_cannot_say_at_all_is_counted(given: list[Item]) -> None:
    unsaid = sum(one.finding.get("region", "").startswith(("point", "grid")) for one in given)
    assert FORMATS["coco"].write(given).lost.get("item", 0) == unsaid
    assert len(again("coco", given)) == len(given) - unsaid


@given(masks)
def test_a_mask_is_the_same_in_cocos_columns(mask: Mask) -> None:
    assert mask_of([30, 40], counts_of(mask, SIZE)) == mask
    assert pixels_of(mask, SIZE).sum() == sum(mask.runs[1::2])


def test_cocos_compressed_runs_are_those_of_its_own_program() -> None:
    """From pycocotools 2.0.11, of a picture in which rows 5 to 9 of columns 10 to 19 are set."""
    pixels = np.zeros((30, 40), np.bool_)
    pixels[5:10, 10:20] = True
    mask = mask_around(pixels)
    assert mask_of([30, 40], counts_of(mask, SIZE)) == mask
    assert mask_of([30, 40], "a95i000000000000000000cb0") == mask


_HOSTILE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "image_id", "category_id", "bbox", "segmentation", "counts", "size", "name",
                         "images", "annotations", "categories", "type", "items", "target", "body", "selector",
                         "value", "source", "file_name", "image", "kind", "score"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("name", sorted(FORMATS))
@given(document=_HOSTILE, raw=st.none() | st.binary(max_size=60))
def test_whatever_comes_is_read_refused_or_named_as_no_such_file(
    name: str, document: Any, raw: bytes | None
) -> None:
    data = json.dumps(document).encode() if raw is None else raw
    with suppress(MalformedFile):
        for one in FORMATS[name].read(data):
            assert isinstance(one, Item | Refused)


def _coco(**change: Any) -> bytes:
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1.2, 2.7, 3.1, 4], **change}
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 30}],
            "categories": [{"id": 1, "name": "Carabidae"}],
            "annotations": [annotation],
        }
    ).encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bbox": [1, 2, float("nan"), 4]}, "not-a-number"),
        ({"bbox": [1, 2, 3]}, "not-a-number"),
        ({"bbox": [-5, 2, 3, 4]}, "malformed"),
        ({"image_id": 7}, "image-unknown"),
        ({"category_id": 7}, "label-unknown"),
        ({"score": "high"}, "not-a-number"),
        ({"segmentation": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]}, "several-parts"),
        ({"segmentation": {"size": [30, 40], "counts": [1, 2]}}, "malformed"),
    ],
)
def test_an_annotation_of_coco_that_means_nothing_is_refused_with_its_reason(
    change: dict[str, Any], reason: str
) -> None:
    (found,) = FORMATS["coco"].read(_coco(**change))
    assert isinstance(found, Refused)
    assert (found.place, found.reason) == (1, reason)


def test_an_annotation_of_coco_by_others_is_an_object_with_a_label() -> None:
    (found,) = FORMATS["coco"].read(_coco(score=0.25))
    assert isinstance(found, Item)
    assert dict(found.finding) == {
        "kind": "object", "text": "Carabidae", "region": "xywh=pixel:1,2,4,5", "confidence": "0.25",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("selector", "region"),
    [
        ({"type": "FragmentSelector", "value": "xywh=pixel:10.2,20,30,40.5"}, "xywh=pixel:10,20,31,41"),
        ({"type": "FragmentSelector", "value": "xywh=1,2,3,4"}, "xywh=pixel:1,2,3,4"),
        ({"type": "SvgSelector", "value": '<svg><polygon points="0,0 9.4,0 4,7"/></svg>'},
         "polygon=pixel:0,0 9,0 4,7"),
        ({"type": "SvgSelector", "value": '<svg><path d="M 0 0 L 9 0 L 4 7 Z"/></svg>'},
         "polygon=pixel:0,0 9,0 4,7"),
    ],
)  # fmt: skip
def test_what_others_draw_is_read_in_whole_pixels(selector: dict[str, Any], region: str) -> None:
    annotation = {
        "type": "Annotation", "motivation": "tagging", "creator": {"id": ORCID},
        "body": [{"type": "TextualBody", "purpose": "tagging", "value": "stamp"}],
        "target": {"source": IMAGES[0], "selector": selector},
    }  # fmt: skip
    (found,) = FORMATS["w3c"].read(json.dumps([annotation]).encode())
    assert isinstance(found, Item)
    assert dict(found.finding) == {"kind": "object", "text": "stamp", "region": region}
    assert (found.image, found.agent, found.motivation) == (IMAGES[0], ORCID, "tagging")


@pytest.mark.parametrize("value", ["xywh=percent:1,2,3,4", "xywh=nan,1,2,3", "t=10"])
def test_a_place_that_is_none_is_refused(value: str) -> None:
    target = {"source": IMAGES[0], "selector": {"type": "FragmentSelector", "value": value}}
    (found,) = FORMATS["w3c"].read(json.dumps([{"type": "Annotation", "target": target}]).encode())
    assert isinstance(found, Refused)


def test_another_tools_file_that_begins_alike_is_no_empty_voc() -> None:
    with pytest.raises(MalformedFile, match="no <annotation>"):
        list(read_voc(b"<annotations><version>1.1</version><image id='0'/></annotations>"))
    assert list(read_voc(b"<annotations/>")) == []


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(AnalyzerError, match="coco"):
        format_named("voc2000")


def test_the_examples_of_the_w3c_are_read(shared_data: Path) -> None:
    folder = shared_data / "vectors" / "web-annotation-tests"
    files = [path for path in folder.rglob("*.json") if "anno" in path.name and "schema" not in str(path)]
    assert folder.is_dir()
    for path in files:
        try:
            for one in FORMATS["w3c"].read(path.read_bytes()):
                assert isinstance(one, Item | Refused)
        except MalformedFile:
            continue
