"""Croissant 1.0: metadata.json says how to load members.csv and the images beside it.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hashstore.blobstore.interface import Chunk
from manifests.citing import Creator
from manifests.export.companions import companions
from manifests.export.interface import Material
from manifests.export.model import Copy, File, Made
from manifests.export.names import image_name
from manifests.export.table import COLUMNS, MEMBERS, members_table
from manifests.export.text import encoded

_FOLDER: Final = "images/"
# The context of the specification, appendix 1: Croissant has no address of its own for it.
CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


@dataclass(frozen=True, slots=True)
class _Croissant:
    name: str = "croissant"
    version: str = "1"
    about: str = "metadata.json, a table and images, for machine learning (Croissant 1.0, mlcroissant)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        for member in material.members():
            yield Copy(f"{_FOLDER}{image_name(member)}", member.digest, member.size)
        table = partial(members_table, material, _FOLDER)
        yield Made(MEMBERS, table)
        yield from companions(material)
        yield Made("metadata.json", partial(_metadata, material, table))


EXPORTER = _Croissant()


def _metadata(material: Material, table: Callable[[], Iterator[Chunk]]) -> Iterator[Chunk]:
    about = material.description
    document: dict[str, Any] = {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.title,
        "description": about.description or about.citation,
        "url": about.statement.uri,
        "identifier": about.statement.uri,
        "version": f"{about.version}.0.0",
        "datePublished": about.made.isoformat().replace("+00:00", ""),
        "license": f"https://spdx.org/licenses/{about.license}.html",
        "citeAs": about.citation,
        "creator": [agent(creator) for creator in about.creators],
        "publisher": {"@type": "sc:Organization", "name": about.publisher},
        "keywords": list(about.keywords),
        "distribution": [_table_object(table), _image_set(material)],
        "recordSet": [_members(), _images()],
    }
    text = json.dumps(
        {name: value for name, value in document.items() if value}, ensure_ascii=False, indent=1
    )
    return encoded([text, "\n"])


def agent(creator: Creator) -> dict[str, str]:
    """Somebody who put a dataset together, as schema.org names people and institutions."""
    return {"@type": "sc:Person" if creator.given else "sc:Organization", "name": creator.inverted}


def _table_object(table: Callable[[], Iterator[Chunk]]) -> dict[str, str]:
    state, size = hashlib.sha256(), 0
    for chunk in table():
        state.update(chunk)
        size += len(chunk)
    return {
        "@type": "cr:FileObject",
        "@id": MEMBERS,
        "name": MEMBERS,
        "contentUrl": MEMBERS,
        "contentSize": f"{size} B",
        "encodingFormat": "text/csv",
        "sha256": state.hexdigest(),
    }


def _image_set(material: Material) -> dict[str, Any]:
    types = sorted({member.media_type for member in material.members()})
    return {
        "@type": "cr:FileSet",
        "@id": "image-files",
        "name": "image-files",
        "encodingFormat": types[0] if len(types) == 1 else types,
        "includes": f"{_FOLDER}*",
    }


def _members() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "members",
        "name": "members",
        "description": "One record for each image, with its rights.",
        "key": {"@id": "members/digest"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"members/{name}",
                "name": name,
                "description": about,
                "dataType": "sc:Integer" if name == "size" else "sc:Text",
                "source": {"fileObject": {"@id": MEMBERS}, "extract": {"column": name}},
            }
            for name, about in COLUMNS.items()
        ],
    }


def _images() -> dict[str, Any]:
    files = {"fileSet": {"@id": "image-files"}}
    return {
        "@type": "cr:RecordSet",
        "@id": "images",
        "name": "images",
        "description": "The images themselves; the name of a file begins with the digest of its bytes.",
        "key": {"@id": "images/filename"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": "images/filename",
                "name": "filename",
                "description": "Name of the file.",
                "dataType": "sc:Text",
                "source": {**files, "extract": {"fileProperty": "filename"}},
            },
            {
                "@type": "cr:Field",
                "@id": "images/content",
                "name": "content",
                "description": "The image.",
                "dataType": "sc:ImageObject",
                "source": {**files, "extract": {"fileProperty": "content"}},
            },
        ],
    }
