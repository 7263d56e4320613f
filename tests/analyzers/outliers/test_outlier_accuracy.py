"""How well planted strangers are found: the figures of docs/analyzers.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from analyzers.builtin import embedding
from analyzers.outliers.analyzer import MISIDENTIFIED, REFERENCE, UNLIKE, VECTORS, analyzer_of
from analyzers.outliers.reference import reference_of
from analyzers.parameters import whole_parameters
from analyzers.picture.picture import Picture as Looked
from analyzers.trial import tried
from hashstore.digest import Digest
from node.museum.catalogue import Picture, specimens
from node.museum.sheets import draw

EACH = 6  # drawings of a taxon
SHEETS = ("kymillev+herbarium-segmentation", "rafelafrance+digi_leap", "gouda/tests/test_data/BM")
LABELS = ("cropped_pictures",)
OTHERS = ("DiSSCo+SDR", "Big-Bee", "mothra", "recolorize", "inselect")


@dataclass(frozen=True)
class Shown:
    digest: Digest
    vector: bytes
    taxon: str


def shown(data: bytes, taxon: str) -> Shown:
    (found,) = tried(embedding.ANALYZER, data).findings
    assert found.vector is not None
    return Shown(Digest.of(data), found.vector, taxon)


def flagged(folder: Path, images: Sequence[Shown], least: int) -> dict[Digest, dict[str, str | None]]:
    """For each image that is judged: what it is told to be."""
    rows = {one.digest: (one.taxon, one.vector) for one in images}
    name = Digest.of(b"embedding")
    reference, vectors = reference_of("name", name, name, rows)
    paths = {REFERENCE: folder / "reference", VECTORS: folder / "vectors"}
    paths[REFERENCE].write_bytes(reference.data)
    paths[VECTORS].write_bytes(vectors)
    analyzer = analyzer_of({REFERENCE: Digest.of(reference.data), VECTORS: Digest.of(vectors)})
    reading = analyzer.prepare(whole_parameters(analyzer.description, {"least": least}), paths)
    said = {one.digest: reading(Looked(one.digest, b"")) for one in images}
    kinds = (MISIDENTIFIED, UNLIKE)
    return {
        one: {finding.kind: finding.text for finding in found if finding.kind in kinds}
        for one, found in said.items()
        if found
    }


@cache
def drawings() -> tuple[Shown, ...]:
    drawn = [one for one in specimens(1) if one.picture is Picture.DRAWN]
    return tuple(
        shown(draw(one, seed).jpeg, one.facts["scientificName"])
        for one in drawn
        for seed in range(1, EACH + 1)
    )


@pytest.mark.slow
def test_of_misidentified_drawings_nine_in_ten_are_found(tmp_path: Path) -> None:
    """24 taxa with 6 drawings each; in each of five rounds 12 of the 144 get the name of another taxon."""
    random = np.random.Generator(np.random.PCG64(0))
    names = sorted({one.taxon for one in drawings()})
    count: Counter[str] = Counter()
    for _ in range(5):
        images = list(drawings())
        planted = {}
        for place in random.choice(len(images), 12, replace=False).tolist():
            right = images[place].taxon
            wrong = str(random.choice([name for name in names if name != right]))
            images[place] = Shown(images[place].digest, images[place].vector, wrong)
            planted[images[place].digest] = right
        for one, said in flagged(tmp_path, images, 4).items():
            count.update([*said, *(f"{kind} right" for kind in said if one in planted)])
            count["planted"] += one in planted
            count["named"] += one in planted and said.get(MISIDENTIFIED) == planted[one]
    assert count[f"{MISIDENTIFIED} right"] / count[MISIDENTIFIED] > 0.95
    assert count["named"] == count[f"{MISIDENTIFIED} right"] > 0.65 * count["planted"]
    assert (count[f"{MISIDENTIFIED} right"] + count[f"{UNLIKE} right"]) / count["planted"] > 0.9
    assert count[f"{UNLIKE} right"] / count[UNLIKE] > 0.5


def kind_of(path: Path) -> str | None:
    for kind, parts in (("label", LABELS), ("sheet", SHEETS), ("other", OTHERS)):
        if any(part in str(path) for part in parts):
            return "insect" if kind == "other" and "inselect" not in str(path) else kind
    return None


@pytest.mark.slow
def test_real_images_of_other_things_are_found_among_sheets_and_labels(
    tmp_path: Path, shared_data: Path
) -> None:
    paths = [
        path
        for path in sorted((shared_data / "images").rglob("*.*"))
        if path.suffix.lower() in (".jpg", ".png", ".jpeg")
    ]
    images = [shown(path.read_bytes(), kind) for path in paths if (kind := kind_of(path))]
    assert not any(flagged(tmp_path, images, 5).values()), "where nothing is planted nothing is told"
    hits: Counter[tuple[str, str]] = Counter()
    for host in ("sheet", "label"):
        for stranger in images:
            if stranger.taxon == host:
                continue
            mixed = [one for one in images if one is not stranger]
            mixed.append(Shown(stranger.digest, stranger.vector, host))
            said = flagged(tmp_path, mixed, 5)
            hits[host, "planted"] += 1
            hits[host, "found"] += bool(said[stranger.digest])
            hits[host, "false"] += sum(bool(told) for one, told in said.items() if one != stranger.digest)
    assert hits["label", "found"] == hits["label", "planted"]
    assert hits["sheet", "found"] > 0.7 * hits["sheet", "planted"]
    assert hits["label", "false"] + hits["sheet", "false"] <= 2
