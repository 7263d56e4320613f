"""Frictionless data package: datapackage.json, members.csv with its schema, and each image as a resource.

Source: Data Package 1 (specs.frictionlessdata.io), with sizes and hashes of every resource.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hashstore.blobstore.interface import Chunk
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made
from manifests.export.names import ending, image_name
from manifests.export.table import COLUMNS, MEMBERS, members_table
from manifests.export.text import compact_json, encoded, json_array

_FOLDER: Final = "images/"


@dataclass(frozen=True, slots=True)
class _Frictionless:
    name: str = "frictionless"
    version: str = "1"
    about: str = "datapackage.json, a table and images (Frictionless data package)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        for member in material.members():
            yield Copy(f"{_FOLDER}{image_name(member)}", member.digest, member.size)
        table = partial(members_table, material, _FOLDER)
        yield Made(MEMBERS, table)
        yield from companions(material)
        yield Made("datapackage.json", partial(_package, material, table))


EXPORTER = _Frictionless()


def _package(material: Material, table: Callable[[], Iterator[Chunk]]) -> Iterator[Chunk]:
    about = material.description
    fields: dict[str, Any] = {
        "profile": "data-package",
        "name": f"dataset-{about.statement.hex}",
        "id": about.statement.uri,
        "title": about.title,
        "description": f"{about.description} {about.citation}".strip(),
        "version": str(about.version),
        "created": about.made.isoformat().replace("+00:00", "Z"),
        "keywords": list(about.keywords),
        "licenses": [{"name": about.license, "path": f"https://spdx.org/licenses/{about.license}.html"}],
        "contributors": [{"title": creator.inverted, "role": "author"} for creator in about.creators],
    }
    return encoded(_document({name: value for name, value in fields.items() if value}, material, table))


def _document(
    fields: dict[str, Any], material: Material, table: Callable[[], Iterator[Chunk]]
) -> Iterator[str]:
    yield "{" + "".join(f"{compact_json(name)}:{compact_json(value)},\n" for name, value in fields.items())
    yield from json_array("resources", _resources(material, table), last=True)
    yield "}\n"


def _resources(material: Material, table: Callable[[], Iterator[Chunk]]) -> Iterator[dict[str, Any]]:
    state, size = hashlib.sha256(), 0
    for chunk in table():
        state.update(chunk)
        size += len(chunk)
    yield {
        "profile": "tabular-data-resource",
        "name": "members",
        "path": MEMBERS,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{state.hexdigest()}",
        "schema": {
            "fields": [_field(name, about) for name, about in COLUMNS.items()],
            "primaryKey": ["digest"],
        },
    }
    for member in material.members():
        yield {
            "profile": "data-resource",
            "name": member.digest.hex,
            "path": f"{_FOLDER}{image_name(member)}",
            "format": ending(member.media_type),
            "mediatype": member.media_type,
            "bytes": member.size,
            "hash": f"sha256:{member.digest.hex}",
        }


def _field(name: str, about: str) -> dict[str, str]:
    return {"name": name, "type": "integer" if name == "size" else "string", "description": about}
