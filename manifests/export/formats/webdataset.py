"""WebDataset: tar shards of samples, each an image, its JSON and its class, under the image's digest as key.

Source: the WebDataset format (files of a sample stand together and share all before the first point). Members
are in the order of their digests, which is as good as shuffled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from hashstore.blobstore.interface import Chunk
from manifests.dataset.member import Member
from manifests.export.classes import classes, of_split, splits
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made
from manifests.export.names import ending, split_name
from manifests.export.reading import read_ahead
from manifests.export.sharding import shards
from manifests.export.tarring import END, padding, tar_header
from manifests.export.text import encoded, tsv_line


@dataclass(frozen=True, slots=True)
class _WebDataset:
    name: str = "webdataset"
    version: str = "1"
    about: str = "tar shards of a gigabyte, to train from in order (webdataset, Hugging Face)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        numbers = classes(material, 0)
        for split in splits(material):
            for number, shard in enumerate(shards(of_split(material, split))):
                path = f"{split_name(split)}-{number:06d}.tar"
                yield Made(path, partial(_shard, material, shard, numbers))
        yield Made("classes.tsv", partial(_classes, numbers))
        yield from companions(material)


EXPORTER = _WebDataset()


def _classes(numbers: Mapping[str, int]) -> Iterator[Chunk]:
    return encoded([tsv_line(("class", "label")), *(tsv_line((n, label)) for label, n in numbers.items())])


def _shard(material: Material, members: Sequence[Member], numbers: Mapping[str, int]) -> Iterator[Chunk]:
    time = int(material.description.made.timestamp())
    for member, (_, chunks) in zip(members, read_ahead(material.open, _copies(members)), strict=True):
        key = member.digest.hex
        if member.label is not None:
            yield from _small(f"{key}.cls", str(numbers[member.label]).encode(), time)
        yield tar_header(f"{key}.{ending(member.media_type)}", member.size, time)
        yield from chunks
        yield padding(member.size)
        yield from _small(f"{key}.json", member.line(), time)
    yield END


def _copies(members: Sequence[Member]) -> Iterator[Copy]:
    return (Copy(member.digest.hex, member.digest, member.size) for member in members)


def _small(name: str, data: bytes, time: int) -> Iterator[Chunk]:
    yield tar_header(name, len(data), time) + data + padding(len(data))
