"""What the analyzers of sheets find on drawings of all kinds: the figures of docs/analyzers.md hold."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from analyzers.builtin.sheet_segments import taken_apart
from analyzers.models.origin import find_model
from analyzers.models.saliency import NETWORK
from analyzers.picture.picture import decode
from analyzers.vision.charts import CLASSIC
from analyzers.vision.salient import salient_by
from node.museum.catalogue import specimens
from node.museum.drawings import drawings_of

HIT = 0.5  # intersection over union at which a box counts as found


def overlap(one: list[float], other: list[float]) -> float:
    """Intersection over union of two boxes: left, top, right, bottom."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    common = max(0.0, wide) * max(0.0, tall)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return common / (areas - common)


def boxes(regions: list[dict[str, Any]], *kinds: str) -> list[list[float]]:
    found = [region["box"] for region in regions if region["type"] in kinds]
    return [[x, y, x + width, y + height] for x, y, width, height in found]


@pytest.mark.slow
def test_drawings_are_taken_apart_as_well_as_is_written(drawings_directory: Path) -> None:
    masks: dict[str, list[float]] = defaultdict(list)
    hits: dict[str, list[bool]] = defaultdict(list)
    network = find_model(NETWORK)
    assert network is not None
    salient = salient_by(network)
    drawn = list(drawings_of(specimens(1), drawings_directory).values())
    for drawing in drawn:
        truth = json.loads(drawing.truth)
        pixels, regions = decode(drawing.jpeg), truth["regions"]
        taken = taken_apart(pixels, salient)
        things, inside = taken.things, taken.specimen
        real = np.asarray(Image.open(io.BytesIO(drawing.mask)).convert("L")) > 0
        group = truth["catalogNumber"][:7]
        masks[group].append(float((inside & real).sum() / (inside | real).sum()))
        for kind, wanted in (
            ("label", boxes(regions, "label", "annotation")),
            ("stamp", boxes(regions, "stamp")),
        ):
            found = [
                [*thing.outline.min(0).tolist(), *thing.outline.max(0).tolist()]
                for thing in things
                if thing.kind == kind
            ]
            hits[kind] += [any(overlap(box, one) > HIT for one in found) for box in wanted]
            hits[f"{kind} right"] += [any(overlap(box, one) > HIT for one in wanted) for box in found]
        hits["barcode"].append(sum(thing.kind == "barcode" for thing in things) == 1)
        (known,) = [region for region in regions if region["type"] == "ruler"]
        ruler, chart = taken.ruler, taken.chart
        right = float(known["pixelsPerMm"])
        hits["ruler"].append(ruler is not None and abs(ruler.pixels / right - 1) < 0.001)
        hits["chart"].append(chart is not None and chart.name == CLASSIC)
    share = {kind: sum(found) / len(found) for kind, found in hits.items()}
    assert share["ruler"] == share["chart"] == share["barcode"] == 1
    assert share["label"] == 1
    assert share["label right"] > 0.9
    assert share["stamp"] > 0.85
    assert share["stamp right"] == 1
    least = {"MDS0001": 0.82, "MDS0002": 0.9, "MDS0003": 0.93}
    means = {group: float(np.mean(found)) for group, found in masks.items()}
    assert all(means[group] > one for group, one in least.items()), means
