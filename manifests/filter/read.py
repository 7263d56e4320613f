"""The one entry for filters that people give: either written form."""

from __future__ import annotations

from manifests.filter.model import Filter
from manifests.filter.parse import parse_filter
from manifests.filter.text import parse_text


def read_filter(text: str) -> Filter:
    """Read a filter: JSON if it begins with a brace or a bracket, else the text form.

    Raises:
        FilterRefused: it is neither, or beyond the limits; the message says where.
    """
    if text.lstrip().startswith(("{", "[")):
        return parse_filter(text)
    return parse_text(text)
