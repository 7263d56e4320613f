"""Datasets of PyTorch: every image once, in order, whatever number of workers reads; nothing unverified."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from crawlers.testing import ScriptedSite, answer
from hashstore.blobstore import DirectoryBlobStore, MemoryBlobStore, add_bytes
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob
from manifests.dataset.member import Member
from node.client import Client
from node.errors import PeerError, Withdrawn

if TYPE_CHECKING:
    from tests.node.client.conftest import Publisher


@pytest.fixture
def training(skip_or_fail: Callable[[str], None]) -> Any:
    """The module; skips by name where PyTorch is not installed."""
    try:
        import torch
    except ImportError:
        skip_or_fail("torch is not installed (pip install 'vasculum[train]')")
    torch.set_num_threads(1)
    from node.client import training as module

    return module


def _store(count: int) -> tuple[MemoryBlobStore, tuple[Member, ...]]:
    store, members = MemoryBlobStore(), []
    for number in range(count):
        out = io.BytesIO()
        Image.new("RGB", (8 + number, 6), (number, 0, 0)).save(out, "PNG")
        digest = add_bytes(store, out.getvalue())
        label = ("ash", "beech", None)[number % 3]
        members.append(Member(digest, 1, "image/png", None, None, None, None, None, "", label, "train"))
    return store, tuple(members)


def test_a_map_style_dataset_gives_images_with_the_numbers_of_their_classes(training: Any) -> None:
    store, members = _store(6)
    dataset = training.ImageDataset(store, members, ("ash", "beech"))
    assert len(dataset) == 6
    image, number = dataset[4]
    assert (tuple(image.shape), int(image[0, 0, 0]), number) == ((3, 6, 12), 4, 1)
    assert dataset[2][1] == training.NO_CLASS


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_share_the_images_and_none_is_given_twice(training: Any, workers: int) -> None:
    from torch.utils.data import DataLoader

    store, members = _store(11)
    stream = training.ImageStream(store, members, ("ash", "beech"), training.DecodedImage(4), ahead=3)
    batches = list(DataLoader(stream, batch_size=2, num_workers=workers))
    seen = [int(value) for images, _ in batches for value in images[:, 0, 0, 0]]
    assert sorted(seen) == list(range(11))
    if workers == 0:
        assert seen == list(range(11))


def test_machines_share_the_images_and_each_epoch_has_its_order(training: Any) -> None:
    store, members = _store(12)

    def order(rank: int, epoch: int) -> list[int]:
        stream = training.ImageStream(store, members, (), shuffle="seed", rank=rank, world=3)
        stream.set_epoch(epoch)
        assert len(stream) == 4
        return [int(image[0, 0, 0]) for image, _ in stream]

    first = [order(rank, 0) for rank in range(3)]
    assert sorted(place for places in first for place in places) == list(range(12))
    assert first == [order(rank, 0) for rank in range(3)]
    assert first != [order(rank, 1) for rank in range(3)]


def test_a_damaged_image_is_never_trained_on(training: Any, tmp_path: Path) -> None:
    memory, members = _store(2)
    store = DirectoryBlobStore(tmp_path)
    for member in members:
        add_bytes(store, memory.read(member.digest))
    path = store.path(members[1].digest)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CorruptBlob):
        list(training.ImageStream(store, members, ()))


@pytest.mark.parametrize("workers", [0, 2])
def test_an_image_that_is_gone_ends_the_epoch_or_is_skipped_and_counted(
    training: Any, tmp_path: Path, workers: int
) -> None:
    from torch.utils.data import DataLoader

    memory, members = _store(9)
    store = DirectoryBlobStore(tmp_path)
    for member in members:
        if member not in (members[3], members[4]):
            add_bytes(store, memory.read(member.digest))

    def trained_on(**more: Any) -> tuple[list[int], Any]:
        stream = training.ImageStream(store, members, (), training.DecodedImage(4), **more)
        batches = DataLoader(stream, batch_size=2, num_workers=workers)
        return sorted(int(value) for images, _ in batches for value in images[:, 0, 0, 0]), stream

    with pytest.raises(BlobNotFound):
        trained_on()
    seen, stream = trained_on(on_missing="skip")
    assert seen == [0, 1, 2, 5, 6, 7, 8]
    assert stream.missing == 2
    assert len(list(DataLoader(stream, batch_size=None, num_workers=workers))) == 7
    assert stream.missing == 4, "two in each of two epochs"
    with pytest.raises(ValueError, match='"error" or "skip"'):
        training.ImageStream(store, members, (), on_missing="ignore")


def test_what_a_node_withdrew_is_skipped_and_a_lie_never_is(training: Any) -> None:
    _, members = _store(3)
    with ScriptedSite() as site:
        memory, _ = _store(3)
        site.on(f"/blob/sha256/{members[0].digest.hex}", answer(410, b"{}"))
        site.on(f"/blob/sha256/{members[1].digest.hex}", answer(200, memory.read(members[1].digest)))
        site.on(f"/blob/sha256/{members[2].digest.hex}", answer(200, b"lies"))
        stream = training.ImageStream(Client(site.url("")), members, (), on_missing="skip")
        given = iter(stream)
        assert int(next(given)[0][0, 0, 0]) == 1
        assert stream.missing == 1
        with pytest.raises(PeerError, match="other bytes"):
            next(given)
        with pytest.raises(Withdrawn):
            list(training.ImageStream(Client(site.url("")), members, ()))


def test_an_image_is_turned_upright(training: Any) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (20, 10)).save(out, "JPEG", exif=tags.tobytes())
    assert tuple(training.DecodedImage()(out.getvalue()).shape) == (3, 20, 10)


def test_a_model_is_fed_from_a_node(training: Any, publisher: Publisher) -> None:
    from torch.utils.data import DataLoader

    client = Client(publisher.url)
    dataset = client.dataset(publisher.dataset)
    stream = training.ImageStream(
        client, dataset.of_split("train"), dataset.classes, training.DecodedImage(16)
    )
    images = sum(len(batch) for batch, _ in DataLoader(stream, batch_size=4, num_workers=2))
    assert images == len(dataset.of_split("train"))
    assert isinstance(dataset.members[0].digest, Digest)
