"""BagIt 1.0 (RFC 8493): images and their table in `data`, under SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from hashstore.blobstore.interface import Chunk
from manifests.citing.thing import one_line
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made
from manifests.export.names import image_name
from manifests.export.table import MEMBERS, members_table
from manifests.export.text import encoded

_FOLDER: Final = "data/images/"
_BAGIT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@dataclass(frozen=True, slots=True)
class _BagIt:
    name: str = "bagit"
    version: str = "1"
    about: str = "a bag of images with their table, for archives (BagIt, RFC 8493)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        for member in material.members():
            yield Copy(f"{_FOLDER}{image_name(member)}", member.digest, member.size)
        made = _payload(material)
        yield from made
        tags: dict[str, Callable[[], Iterator[Chunk]]] = {
            "bagit.txt": lambda: iter((_BAGIT,)),
            "bag-info.txt": partial(_info, material, made),
            "manifest-sha256.txt": partial(_manifest, material, made),
        }
        for path, chunks in tags.items():
            yield Made(path, chunks)
        yield Made("tagmanifest-sha256.txt", partial(_tag_manifest, tags))


EXPORTER = _BagIt()


def _payload(material: Material) -> tuple[Made, ...]:
    table = Made(f"data/{MEMBERS}", partial(members_table, material, _FOLDER))
    return (table, *companions(material, "data/"))


def _info(material: Material, made: tuple[Made, ...]) -> Iterator[Chunk]:
    about = material.description
    files, size = len(made), sum(len(chunk) for file in made for chunk in file.chunks())
    for member in material.members():
        files, size = files + 1, size + member.size
    fields = {
        "Source-Organization": about.publisher,
        "External-Description": about.description or about.title,
        "External-Identifier": about.statement.uri,
        "Internal-Sender-Identifier": about.citation,
        "Bagging-Date": about.made.date().isoformat(),
        "Payload-Oxum": f"{size}.{files}",
    }
    # Lines of a tag file may be folded by whoever reads them, so that no value may hold a break.
    return encoded(f"{name}: {one_line(value)}\n" for name, value in fields.items() if one_line(value))


def _manifest(material: Material, made: tuple[Made, ...]) -> Iterator[Chunk]:
    return encoded(_manifest_lines(material, made))


def _manifest_lines(material: Material, made: tuple[Made, ...]) -> Iterator[str]:
    for member in material.members():
        yield f"{member.digest.hex}  {_FOLDER}{image_name(member)}\n"
    for file in made:
        yield f"{_hash(file.chunks)}  {file.path}\n"


def _tag_manifest(tags: Mapping[str, Callable[[], Iterator[Chunk]]]) -> Iterator[Chunk]:
    return encoded(f"{_hash(chunks)}  {path}\n" for path, chunks in tags.items())


def _hash(chunks: Callable[[], Iterator[Chunk]]) -> str:
    state = hashlib.sha256()
    for chunk in chunks():
        state.update(chunk)
    return state.hexdigest()
