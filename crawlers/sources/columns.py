"""Which column of a list of images is which: header names as people write them, onto the media table's."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from crawlers.errors import MalformedList
from manifests.tables import MEDIA
from manifests.terms import VASCULUM

# Headers under which lists give the address of the bytes, the best first: where several stand side by side,
# the first that is there wins and the others keep their own meaning.
URL_HEADERS = (
    "accessuri",
    "bestqualityaccessuri",
    "imageurl",
    "imageuri",
    "mediaurl",
    "mediauri",
    "fileurl",
    "downloadurl",
    "originalurl",
    "goodqualityaccessuri",
    "associatedmedia",
    "url",
    "uri",
    "identifier",
    "link",
    "image",
)
_ALIASES = MappingProxyType({"licence": "license", "copyright": "rights", "photographer": "creator"})
# Our own columns say what we know of the row; no list may fill them.
PUBLISHED = MappingProxyType(
    {column.name.lower(): column.name for column in MEDIA.columns if not column.term.startswith(VASCULUM)}
)


def plain(header: str) -> str:
    """A header without prefix, case and punctuation: `ac:accessURI` and `Access_URI` are the same."""
    local = re.split(r"[:/#]", header.strip())[-1]
    return re.sub(r"[^a-z0-9]", "", local.lower())


def url_index(headers: Sequence[str]) -> int | None:
    """Index of the column that holds the URLs, from 0; None if no header says so."""
    names = [plain(header) for header in headers]
    return next((names.index(name) for name in URL_HEADERS if name in names), None)


def column_of(header: str) -> str | None:
    """The column of the media table that takes the values of a list's column; None leaves them verbatim."""
    name = plain(header)
    return PUBLISHED.get(_ALIASES.get(name, name))


def dialect_of(first_line: str) -> type[csv.Dialect]:
    """Comma, tab, semicolon or bar: whichever cuts the header line into a column of URLs and most others.

    Raises:
        MalformedList: The line holds no such header.
    """
    cuts: Mapping[str, Sequence[str]] = {
        mark: next(csv.reader([first_line], delimiter=mark), []) for mark in ",\t;|"
    }
    fit = {mark: len(cells) for mark, cells in cuts.items() if url_index(cells) is not None}
    if not fit:
        raise MalformedList(
            "no column of the header holds URLs by its name; call it accessURI, identifier, url or image_url"
        )
    best = max(fit, key=lambda mark: fit[mark])

    class Dialect(csv.excel):
        delimiter = best

    return Dialect
