"""A network with a manifest classifies, detects or embeds, without a line of code."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from analyzers.errors import BadOutput, UnknownAnalyzer
from analyzers.finding import Finding
from analyzers.onnx_model.manifest import read_manifest
from analyzers.onnx_model.preparing import frame_of, network_input
from analyzers.output import Output, decode_result
from analyzers.region import Box
from analyzers.unit import run_unit
from hashstore.digest import Digest

if TYPE_CHECKING:
    from tests.analyzers.onnx_model.conftest import Run

Make = Callable[..., Any]
_ONLY = {"width": 8, "height": 8}


def plain(colour: str, size: tuple[int, int] = (20, 10)) -> Image.Image:
    return Image.new("RGB", size, colour)


def test_a_classifier_tells_the_likeliest_label(run: Run, colours: bytes) -> None:
    (found,) = run(colours, plain("red"), parameters={"most": 1, "least": "0"})
    assert (found.kind, found.text) == ("class", "red")
    assert float(str(found.confidence)) == pytest.approx(math.e / (math.e + 2), abs=1e-4)


def test_labels_below_the_least_confidence_are_left_out(run: Run, colours: bytes) -> None:
    output = {"activation": "none"}
    found = run(colours, plain("yellow"), parameters={"least": "0.9"}, output=output)
    assert [one.text for one in found] == ["red", "green"]
    assert run(colours, plain("black"), output=output) == []


def test_a_label_has_its_term(run: Run, colours: bytes) -> None:
    terms = {"red": "https://example.org/red"}
    found = run(colours, plain("red"), parameters={"least": "0"}, terms=terms)
    assert [one.term for one in found] == ["https://example.org/red", None, None]


def test_an_embedder_gives_a_vector_of_length_one(run: Run, colours: bytes) -> None:
    (found,) = run(colours, plain("yellow"), task="embed", labels=None, output={"width": 3})
    assert found.vector is not None
    assert np.frombuffer(found.vector, "<f4") == pytest.approx([0.5**0.5, 0.5**0.5, 0])


def test_a_region_is_classified_alone(run: Run, colours: bytes) -> None:
    image = plain("red", (40, 40))
    ImageDraw.Draw(image).rectangle((20, 20, 39, 39), fill="blue")
    (found,) = run(colours, image, Box(20, 20, 20, 20), parameters={"most": 1, "least": "0"})
    assert found.text == "blue"


def test_colours_layout_mean_and_std_are_as_told(run: Run, onnx: Any, network: Make) -> None:
    node = onnx.helper.make_node
    laid = network(
        [
            node("ReduceMean", ["pixels"], ["mean"], axes=[1, 2], keepdims=0),
            node("Flatten", ["mean"], ["numbers"], axis=1),
        ],
        {"numbers": (1, 3)},
        sides=(1, 8, 8, 3),
    )
    how = {"layout": "NHWC", "colours": "BGR", "mean": ["0", "0", "0.5"], "std": [1, 1, "0.25"]}
    parameters, output = {"least": "0"}, {"activation": "sigmoid"}
    found = run(laid, plain("red"), parameters=parameters, output=output, input={**_ONLY, **how})
    likely = {one.text: float(str(one.confidence)) for one in found}
    # The labels stand for blue, green and red here: their order is the network's.
    assert likely["blue"] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-4)
    assert likely["red"] == likely["green"] == 0.5


def test_boxes_of_a_detector_come_back_to_where_they_are_in_the_picture(run: Run, constant: Make) -> None:
    boxes = constant(boxes=[[1, 2, 5, 6]], scores=[0.9], labels=[2])
    found = run(boxes, plain("white", (80, 160)), task="detect", output={"format": "boxes"})
    assert [(one.kind, one.text, one.region, one.confidence) for one in found] == [
        ("object", "blue", Box(10, 40, 40, 80), "0.9")
    ]


def test_boxes_in_a_region_are_told_in_the_whole_picture(run: Run, constant: Make) -> None:
    boxes = constant(boxes=[[0, 0, 4, 8]], scores=[0.9], labels=[0])
    image, area = plain("white", (100, 100)), Box(50, 20, 40, 40)
    (found,) = run(boxes, image, area, task="detect", output={"format": "boxes"})
    assert found.region == Box(50, 20, 20, 40)


def test_padding_is_taken_off_again(run: Run, constant: Make) -> None:
    boxes = constant(boxes=[[0, 2, 8, 6], [2, 3, 4, 5]], scores=[0.9, 0.8], labels=[0, 1])
    how = {**_ONLY, "resize": "fit"}
    found = run(boxes, plain("white", (80, 40)), task="detect", output={"format": "boxes"}, input=how)
    assert [one.region for one in found] == [Box(0, 0, 80, 40), Box(20, 10, 20, 20)]


def test_of_boxes_that_overlap_the_surest_is_left(run: Run, constant: Make) -> None:
    rows = [
        # middle x, middle y, width, height, likelihoods of three labels
        [4, 4, 4, 4, 0.9, 0, 0],
        [4.2, 4, 4, 4, 0.8, 0, 0],
        [4.2, 4, 4, 4, 0, 0.7, 0],
        [1, 1, 2, 2, 0.6, 0, 0],
        [7, 7, 1, 1, 0.4, 0, 0],
    ]
    image = plain("white", (8, 8))
    columns = run(constant(found=[np.transpose(rows)]), image, task="detect")
    assert [(one.text, one.confidence) for one in columns] == [
        ("red", "0.9"),
        ("green", "0.7"),
        ("red", "0.6"),
    ]
    assert run(constant(found=[rows]), image, task="detect") == columns


def test_boxes_outside_the_picture_are_cut_or_left_out(run: Run, constant: Make) -> None:
    boxes = constant(boxes=[[-9, -9, 4, 99], [20, 20, 30, 30]], scores=[0.9, 0.9], labels=[0, 1])
    found = run(boxes, plain("white", (8, 8)), task="detect", output={"format": "boxes"})
    assert [one.region for one in found] == [Box(0, 0, 4, 8)]


@pytest.mark.parametrize(
    "outputs",
    [
        {"boxes": [[0, 0, 1, 1]], "scores": [0.9], "labels": [3]},
        {"boxes": [[0, 0, 1, 1]], "scores": [0.9], "labels": [-1]},
        {"boxes": [[0, 0, 1, 1]], "scores": [1.5], "labels": [0]},
        {"boxes": [[0, 0, 1, 1]], "scores": [0.9, 0.8], "labels": [0]},
        {"boxes": [[0, 0, np.nan, 1]], "scores": [0.9], "labels": [0]},
    ],
)
def test_a_detector_that_gives_nonsense_is_told_so(run: Run, constant: Make, outputs: dict[str, Any]) -> None:
    with pytest.raises(BadOutput):
        run(constant(**outputs), plain("white"), task="detect", output={"format": "boxes"})


def test_rows_of_another_width_are_refused(run: Run, constant: Make) -> None:
    with pytest.raises(BadOutput, match="boxes have 7 numbers"):
        run(constant(found=[np.zeros((9, 12))]), plain("white"), task="detect")


@pytest.mark.parametrize("resize", ["squeeze", "fit", "crop"])
@pytest.mark.parametrize("size", [(300, 100), (100, 300), (64, 64), (3, 2)])
def test_places_in_the_input_are_places_in_the_picture(
    resize: str, size: tuple[int, int], manifest_of: Make
) -> None:
    told = manifest_of(b"", input={"width": 64, "height": 64, "resize": resize})
    how = read_manifest(json.dumps(told).encode()).preparation
    across = np.tile(np.linspace(0, 255, size[0]), (size[1], 1))
    pixels = np.repeat(across[:, :, None], 3, axis=2).astype(np.uint8)
    given = network_input(pixels, how)[0, 0]
    x, y = 40, 32
    ((back, _),) = frame_of(size, how).back(np.array([[x + 0.5, y + 0.5]]))
    told_there = given[y, x] * 255
    expected = np.interp(back - 0.5, np.arange(size[0]), across[0])
    outside = resize == "fit" and not (frame_of(size, how).target[0] <= x < frame_of(size, how).target[2])
    assert told_there == pytest.approx(114 if outside else expected, abs=255 / min(size) + 2)


def test_it_runs_as_a_unit_by_its_manifest_alone(tmp_path: Path, colours: bytes, manifest_of: Make) -> None:
    stream = io.BytesIO()
    plain("green").save(stream, "PNG")
    files = {"network": colours, "manifest": json.dumps(manifest_of(colours)).encode()}
    for name, data in {**files, "picture": stream.getvalue()}.items():
        (tmp_path / name).write_bytes(data)
    order: dict[str, Any] = {
        "analyzer": "small-model",
        "parameters": {"least": "0", "most": 1},
        "models": {
            name: {"path": str(tmp_path / name), "digest": Digest.of(data).uri}
            for name, data in files.items()
        },
        "items": [{"digest": Digest.of(stream.getvalue()).uri, "path": str(tmp_path / "picture")}],
    }
    (result,) = run_unit(order)
    output = decode_result(result)
    assert isinstance(output, Output)
    assert [finding.text for finding in output.findings] == ["green"]
    with pytest.raises(UnknownAnalyzer, match="small-model"):
        run_unit({**order, "analyzer": "another"})


def test_findings_are_plain(run: Run, colours: bytes) -> None:
    (found,) = run(colours, plain("red"), parameters={"most": 1, "least": "0"})
    assert found == Finding("class", text="red", confidence=found.confidence)
