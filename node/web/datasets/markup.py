"""A dataset version for programs: schema.org and Croissant 1.0 in one JSON-LD document. Pure.

Source: https://schema.org/Dataset; https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from manifests.dataset.description import Description
from manifests.dataset.licences import ADDRESS
from manifests.export.formats.croissant import CONTEXT, agent

JSON_LD: Final = "application/ld+json"
# Croissant's name for a line of JSON for each record; the manifest itself is served as application/jsonl.
_JSON_LINES: Final = "application/jsonlines"
_MANIFEST: Final = "manifest.jsonl"
_FIELDS: Final = {
    "digest": "SHA-256 of the image's bytes, by which it is fetched.",
    "mediaType": "Media type of the bytes.",
    "size": "Bytes of the image.",
    "attribution": "The credit to print with it.",
}
# Fields that not every dataset has; a reader of the table would miss a column that no line has.
_SOMETIMES: Final = {
    "license": "SPDX identifier of the image's licence.",
    "label": "Class of the whole image.",
    "split": "train, validation or test.",
}


def markup(about: Description, base: str, *, whole: bool, said: Collection[str] = ()) -> dict[str, Any]:
    """The document.

    Args:
        about: What the version says of itself.
        base: Scheme and host under which the node was asked, without a slash at the end.
        whole: Whether the manifest is served as it was signed. If not, its bytes are others than those
            that its digest names, and nothing is said of how to load it.
        said: Which of `license`, `label` and `split` any line of the manifest has.
    """
    page = f"{base}/datasets/{about.statement.hex}"
    document: dict[str, Any] = {
        "@context": dict(CONTEXT),
        "@id": page,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.title,
        "description": about.description or about.citation,
        "url": page,
        "identifier": about.statement.uri,
        "version": f"{about.version}.0.0",
        "datePublished": about.made.isoformat().replace("+00:00", ""),
        "license": f"{ADDRESS}{about.license}.html",
        "citeAs": about.citation,
        "creator": [agent(creator) for creator in about.creators],
        "publisher": {"@type": "sc:Organization", "name": about.publisher},
        "keywords": list(about.keywords),
        "isAccessibleForFree": True,
        "size": f"{about.count} images",
        "includedInDataCatalog": {"@type": "sc:DataCatalog", "url": f"{base}/datasets"},
        "distribution": [_manifest(about, base)] if whole else [],
        "recordSet": [_members(said)] if whole else [],
    }
    return {name: value for name, value in document.items() if value not in ("", [])}


def _manifest(about: Description, base: str) -> dict[str, str]:
    return {
        "@type": "cr:FileObject",
        "@id": _MANIFEST,
        "name": _MANIFEST,
        "description": "A line of JSON for each image: its digest, rights, label and split.",
        "contentUrl": f"{base}/blob/sha256/{about.manifest.hex}",
        "encodingFormat": _JSON_LINES,
        "sha256": about.manifest.hex,
    }


def _members(said: Collection[str]) -> dict[str, Any]:
    fields = _FIELDS | {name: words for name, words in _SOMETIMES.items() if name in said}
    return {
        "@type": "cr:RecordSet",
        "@id": "members",
        "name": "members",
        "description": "One record for each image.",
        "key": {"@id": "members/digest"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"members/{name}",
                "name": name,
                "description": words,
                "dataType": "sc:Integer" if name == "size" else "sc:Text",
                "source": {"fileObject": {"@id": _MANIFEST}, "extract": {"column": name}},
            }
            for name, words in fields.items()
        ],
    }
