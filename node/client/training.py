"""Datasets of PyTorch whose images are read by digest and verified: from a node, or from any folder of blobs.

    from node.client import Client
    from node.client.training import DecodedImage, ImageStream
    from torch.utils.data import DataLoader

    client = Client("https://node.museum.example", cache=Path("blobs"))
    dataset = client.dataset("hash://sha256/...")
    stream = ImageStream(client, dataset.of_split("train"), dataset.classes, DecodedImage(224), shuffle="1")
    for images, classes in DataLoader(stream, batch_size=64, num_workers=2):
        ...

Images are withdrawn, and that may happen while a model is trained on them. `ImageStream` then ends the epoch
with an error, so that nobody trains on less than they say without knowing it; with `on_missing="skip"` it
goes on without the image and counts it in `missing`.

Needs PyTorch (`pip install 'vasculum[train]'`), which nothing else here does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from hashstore.digest import Digest
from manifests.dataset.member import Member
from node.client.blobs import BlobSource
from node.client.images import DecodedImage
from node.client.prefetch import AHEAD, THREADS, read_ahead

__all__ = ["NO_CLASS", "DecodedImage", "ImageDataset", "ImageStream", "OnMissing"]

NO_CLASS = -1  # of an image without a label; the losses of PyTorch can be told to pass over it
Sample = tuple[torch.Tensor, int]
Decode = Callable[[bytes], torch.Tensor]
OnMissing: TypeAlias = Literal["error", "skip"]
_WORKERS: Final = 1024  # each counts in a place of its own, since none can wait for another


class ImageDataset(Dataset):
    """Images by place, for samplers that go back and forth. Each is fetched when it is asked for.

    A sampler wants what it asks for: an image that cannot be had, or that was withdrawn, raises.
    """

    def __init__(
        self,
        source: BlobSource,
        members: Sequence[Member],
        classes: Sequence[str],
        decode: Decode | None = None,
    ) -> None:
        """Reads nothing yet.

        Args:
            source: A `Client`, or a `DirectoryBlobStore`.
            members: The images.
            classes: Labels; the place of each is its number.
            decode: Makes a tensor of bytes; by default of whole images, each as large as it is.
        """
        self._source = source
        self._members = tuple(members)
        self._numbers = {label: number for number, label in enumerate(classes)}
        self._decode = decode or DecodedImage()

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, place: int) -> Sample:
        member = self._members[place]
        return self._decode(self._source.read(member.digest)), number_of(member, self._numbers)


class ImageStream(IterableDataset):
    """Images in order, fetched ahead while others are trained on.

    Several workers of a `DataLoader`, and several machines, share the images among them: none is given twice.
    """

    def __init__(
        self,
        source: BlobSource,
        members: Sequence[Member],
        classes: Sequence[str],
        decode: Decode | None = None,
        *,
        shuffle: str | None = None,
        rank: int = 0,
        world: int = 1,
        threads: int = THREADS,
        ahead: int = AHEAD,
        on_missing: OnMissing = "error",
    ) -> None:
        """Reads nothing yet.

        Args:
            source: A `Client`, or a `DirectoryBlobStore`.
            members: The images.
            classes: Labels; the place of each is its number.
            decode: Makes a tensor of bytes; by default of whole images, each as large as it is.
            shuffle: Another text, another order; another in each epoch. None keeps the order of `members`.
            rank: The number of this machine or process among `world`, from 0.
            world: How many share the images.
            threads: How many images each worker asks for at the same time.
            ahead: How many it asks for before they are wanted, and so holds in memory.
            on_missing: What to do with an image that was withdrawn, or that the source does not have: end
                with its `error`, or `skip` it and count it in `missing`. Machines that train in step have to
                end together, and skip none. A source that cannot be asked, and bytes that are not what
                their digest says, are errors always.

        Raises:
            ValueError: `on_missing` is neither.
        """
        if on_missing not in ("error", "skip"):
            raise ValueError(f'on_missing is "error" or "skip", not {on_missing!r}.')
        self._source = source
        self._members = tuple(members)
        self._numbers = {label: number for number, label in enumerate(classes)}
        self._decode = decode or DecodedImage()
        self._shuffle = shuffle
        self._rank, self._world = rank, world
        self._threads, self._ahead = threads, ahead
        self._skips = on_missing == "skip"
        self._missing = torch.zeros(_WORKERS, dtype=torch.int64).share_memory_()
        self._epoch = 0

    @property
    def missing(self) -> int:
        """How many images were skipped since the stream was made, in all epochs and by all its workers."""
        return int(self._missing.sum())

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next, before it is begun; with `shuffle`, each has an order of its own."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(range(self._rank, len(self._members), self._world))

    def __iter__(self) -> Iterator[Sample]:
        ahead = read_ahead(
            self._source, self._wanted(), _digest_of,
            threads=self._threads, ahead=self._ahead, on_missing=self._skip if self._skips else None,
        )  # fmt: skip
        for member, data in ahead:
            yield self._decode(data), number_of(member, self._numbers)

    def _skip(self, member: Member) -> None:
        worker = get_worker_info()
        self._missing[0 if worker is None else worker.id % _WORKERS] += 1

    def _wanted(self) -> Iterator[Member]:
        worker = get_worker_info()
        first, step = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        places = list(range(len(self._members)))
        if self._shuffle is not None:
            random.Random(f"{self._shuffle} {self._epoch}").shuffle(places)
        mine = places[self._rank :: self._world]
        return (self._members[place] for place in mine[first::step])


def number_of(member: Member, numbers: dict[str, int]) -> int:
    """The number of a member's class."""
    return NO_CLASS if member.label is None else numbers.get(member.label, NO_CLASS)


def _digest_of(member: Member) -> Digest:
    return member.digest
