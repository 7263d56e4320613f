"""A crop is as public as its image, and goes with it: its bytes, and all that was said of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.compose import Node
from node.index.ddl import OWN_LOG
from node.index.digest import log_digest
from node.look.access import access_of
from node.look.things import BlobThing
from node.serve.lookup import ServedBlobs, bring_up

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_NOISE = np.random.default_rng(3).integers(0, 256, (40, 60, 3), np.uint8)


def png(left: int, right: int) -> bytes:
    """Halves of noise: the same number, the same half."""
    file = io.BytesIO()
    halves = [np.roll(_NOISE[:, :30], number, axis=0) for number in (left, right)]
    Image.fromarray(np.concatenate(halves, axis=1)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def alike(fresh: Node, tmp_path: Path, pipeline: Path, vasculum: Vasculum) -> Node:
    """A node that has looked at the halves of two pictures whose left halves are the same."""
    for number in (1, 2):
        (tmp_path / f"{number}.png").write_bytes(png(0, number))
        assert vasculum("--quiet", "--node", fresh.layout.root, "add", tmp_path / f"{number}.png").code == 0
    assert vasculum("--quiet", "--node", fresh.layout.root, "pipeline", "run", pipeline).code == 0
    return fresh


def crops(node: Node) -> dict[tuple[Digest, str], Digest]:
    with node.index() as index:
        rows = index.rows("SELECT digest, region, derivative FROM finding WHERE kind = 'crop'")
        return {(Digest(row["digest"]), row["region"]): Digest(row["derivative"]) for row in rows}


def shown(node: Node, crop: Digest) -> tuple[AccessClass, bool, bool]:
    """The access of a crop, whether it is served, and whether anything said of it is public."""
    path = node.layout.root / "served.sqlite"
    with node.index() as index:
        bring_up(path, index, ())
        said = index.one("SELECT 1 FROM finding WHERE digest = ? AND access = 'public' LIMIT 1", [crop.raw])
        served = ServedBlobs(path)
        found = served.find(crop)
        served.close()
        is_served = found is not None and found.access is AccessClass.PUBLIC
        return access_of(index, BlobThing(crop)), is_served, said is not None


_ALL = (AccessClass.PUBLIC, True, True)
_NOTHING = (AccessClass.WITHDRAWN, False, False)


def test_a_withdrawn_image_takes_its_crops_along_but_not_those_that_another_shows_too(
    alike: Node, vasculum: Vasculum
) -> None:
    root, (one, other) = alike.layout.root, (Digest.of(png(0, number)) for number in (1, 2))
    made = crops(alike)
    left, right = "xywh=pixel:0,0,30,40", "xywh=pixel:30,0,30,40"
    assert made[one, left] == made[other, left] != made[one, right]
    assert {shown(alike, crop) for crop in made.values()} == {_ALL}
    assert vasculum("--quiet", "--node", root, "withdraw", one.uri, "--reason", "rights").code == 0
    assert shown(alike, made[one, right]) == _NOTHING
    assert shown(alike, made[one, left]) == shown(alike, made[other, right]) == _ALL
    with alike.index() as index:
        kept = index.rows("SELECT * FROM own_leaf WHERE table_name = 'finding' AND access = 'public'")
        data = b"".join(alike.store.read(Digest(row["segment"])) for row in kept)
    assert made[one, right].raw not in data, "no segment that is still served names it"
    said = vasculum("--node", root, "withdraw", other.uri, "--reason", "rights", "--delete")
    assert said.code == 0, said.err
    assert {shown(alike, crop)[1:] for crop in made.values()} == {(False, False)}
    assert not alike.store.contains(made[one, left])
    assert not alike.store.contains(made[other, right])
    with alike.index() as index:
        before = log_digest(index, OWN_LOG, public=True)
    assert vasculum("--quiet", "--node", root, "index", "rebuild").code == 0
    with alike.index() as index:
        assert log_digest(index, OWN_LOG, public=True) == before
    assert vasculum("--node", root, "verify").code == 0


def test_a_crop_can_be_withdrawn_alone(alike: Node, pipeline: Path, vasculum: Vasculum) -> None:
    root, image = alike.layout.root, Digest.of(png(0, 1))
    crop = crops(alike)[image, "xywh=pixel:30,0,30,40"]
    assert vasculum("--quiet", "--node", root, "withdraw", crop.uri, "--reason", "rights").code == 0
    assert shown(alike, crop) == _NOTHING
    with alike.index() as index:
        assert access_of(index, BlobThing(image)) is AccessClass.PUBLIC
    again = vasculum("--json", "--node", root, "pipeline", "run", pipeline)
    assert (again.code, again.summary["statement"]) == (0, None), "and is not made or read again"
