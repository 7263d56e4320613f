"""ImageFolder: a folder for each split, in it a folder for each class, in it the images.

Source: the rule of torchvision.datasets.ImageFolder: folders in the order of their names are the classes,
from 0. Folders bear the label where that is harmless as a name, see `names`. classes.tsv gives the label and
number of each in the whole dataset; who reads one split that lacks a class numbers those behind it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from hashstore.blobstore.interface import Chunk
from manifests.export.classes import of_split, require_labels, splits
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made
from manifests.export.names import class_folders, image_name, split_name
from manifests.export.text import encoded, tsv_line


@dataclass(frozen=True, slots=True)
class _ImageFolder:
    name: str = "imagefolder"
    version: str = "1"
    about: str = "SPLIT/CLASS/image, for classification (torchvision, Hugging Face, Keras)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        labels = {member.label for member in material.members()}
        require_labels({label: 0 for label in labels if label is not None}, "an ImageFolder")
        folders = class_folders(sorted(labels, key=lambda label: (label is None, label or "")))
        for split in splits(material):
            for member in of_split(material, split):
                path = f"{split_name(split)}/{folders[member.label]}/{image_name(member)}"
                yield Copy(path, member.digest, member.size)
        yield Made("classes.tsv", partial(_classes, dict(sorted(folders.items(), key=lambda item: item[1]))))
        yield from companions(material)


EXPORTER = _ImageFolder()


def _classes(folders: Mapping[str | None, str]) -> Iterator[Chunk]:
    rows = (tsv_line((number, name, label)) for number, (label, name) in enumerate(folders.items()))
    return encoded([tsv_line(("class", "folder", "label")), *rows])
