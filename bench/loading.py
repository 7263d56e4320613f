"""Go through all images once, as in training.

`python -m bench.loading node URL DATASET`, `blobs DIR URL DATASET` or `folder DIR`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset

from hashstore.blobstore import DirectoryBlobStore
from node.client import Client
from node.client.blobs import BlobSource
from node.client.training import DecodedImage, ImageStream

_SIDE, _BATCH, _WORKERS = 224, 32, 2


class Folder(Dataset):
    """The files of a folder, read and decoded when they are asked for: what torchvision does."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._decode = DecodedImage(_SIDE)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        return self._decode(self._paths[place].read_bytes()), 0


def _stream(client: Client, digest: str, source: BlobSource | None = None) -> ImageStream:
    dataset = client.dataset(digest)
    return ImageStream(source or client, dataset.members, dataset.classes, DecodedImage(_SIDE))


def main() -> None:
    torch.set_num_threads(1)
    kind, where, *more = sys.argv[1:]
    if kind == "node":
        images: Dataset = _stream(Client(where), more[0])
    elif kind == "blobs":
        images = _stream(Client(more[0]), more[1], DirectoryBlobStore(Path(where)))
    else:
        images = Folder(sorted(Path(where).iterdir()))
    seen = sum(len(batch) for batch, _ in DataLoader(images, batch_size=_BATCH, num_workers=_WORKERS))
    print(seen)


if __name__ == "__main__":
    main()
