"""RO-Crate 1.1: ro-crate-metadata.json describes the dataset, its images one by one, and their table.

Source: https://w3id.org/ro/crate/1.1. The context is named by its URL; nothing has to be fetched to write it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hashstore.blobstore.interface import Chunk
from manifests.citing import Creator
from manifests.dataset.member import Member
from manifests.export.companions import ATTRIBUTION, CITATION, companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made
from manifests.export.names import image_name
from manifests.export.table import MEMBERS, members_table
from manifests.export.text import compact_json, encoded, json_array

_FOLDER: Final = "images/"
_METADATA: Final = "ro-crate-metadata.json"
_PROFILE: Final = "https://w3id.org/ro/crate/1.1"
# Of schema.org, but younger than the crate's own context.
_FURTHER: Final = {"creditText": "https://schema.org/creditText", "sha256": "https://schema.org/sha256"}
_OTHER_FILES: Final = {
    MEMBERS: ("The table of images", "text/csv"),
    ATTRIBUTION: ("Whom to credit for each image", "text/plain"),
    CITATION: ("How to cite the dataset", "application/yaml"),
}


@dataclass(frozen=True, slots=True)
class _RoCrate:
    name: str = "ro-crate"
    version: str = "1"
    about: str = "a crate of images with JSON-LD about each (RO-Crate 1.1)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        for member in material.members():
            yield Copy(f"{_FOLDER}{image_name(member)}", member.digest, member.size)
        yield Made(MEMBERS, partial(members_table, material, _FOLDER))
        yield from companions(material)
        yield Made(_METADATA, partial(_metadata, material))


EXPORTER = _RoCrate()


def _metadata(material: Material) -> Iterator[Chunk]:
    return encoded(_document(material))


def _document(material: Material) -> Iterator[str]:
    yield "{" + f'"@context":{compact_json([f"{_PROFILE}/context", _FURTHER])},\n'
    yield from json_array("@graph", _graph(material), last=True)
    yield "}\n"


def _graph(material: Material) -> Iterator[dict[str, Any]]:
    about = material.description
    yield {
        "@id": _METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _PROFILE},
        "about": {"@id": "./"},
    }
    yield _root(material)
    yield {"@id": "#publisher", "@type": "Organization", "name": about.publisher}
    for number, creator in enumerate(about.creators, 1):
        yield _agent(number, creator)
    licenses = {member.license for member in material.members()} | {about.license}
    for license in sorted(license for license in licenses if license):
        yield {"@id": _license(license), "@type": "CreativeWork", "name": license, "identifier": license}
    for path, (name, form) in _OTHER_FILES.items():
        yield {"@id": path, "@type": "File", "name": name, "encodingFormat": form}
    for member in material.members():
        yield _file(member)


def _root(material: Material) -> dict[str, Any]:
    about = material.description
    paths = [*_OTHER_FILES, *(f"{_FOLDER}{image_name(member)}" for member in material.members())]
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": about.statement.uri,
        "name": about.title,
        "description": about.description or about.citation,
        "datePublished": about.made.date().isoformat(),
        "version": str(about.version),
        "license": {"@id": _license(about.license)},
        "keywords": list(about.keywords),
        "creditText": about.citation,
        "publisher": {"@id": "#publisher"},
        "author": [{"@id": f"#creator-{number}"} for number, _ in enumerate(about.creators, 1)],
        "hasPart": [{"@id": path} for path in paths],
    }


def _agent(number: int, creator: Creator) -> dict[str, Any]:
    known: dict[str, Any] = {"@id": f"#creator-{number}", "name": creator.inverted}
    if creator.given is None:
        return {**known, "@type": "Organization"}
    return {**known, "@type": "Person", "familyName": creator.name, "givenName": creator.given}


def _file(member: Member) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": f"{_FOLDER}{image_name(member)}",
        "@type": ["File", "ImageObject"],
        "name": member.label or f"Image {member.digest.hex[:12]}",
        "identifier": member.digest.uri,
        "encodingFormat": member.media_type,
        "contentSize": str(member.size),
        "sha256": member.digest.hex,
    }
    if member.attribution:
        found["creditText"] = member.attribution
    if member.license:
        found["license"] = {"@id": _license(member.license)}
    if member.specimen:
        found["isBasedOn"] = member.specimen
    return found


def _license(license: str) -> str:
    return f"https://spdx.org/licenses/{license}"
