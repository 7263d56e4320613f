"""Filters that travel: a small tree of conditions on images, never SQL (spec/filters.md)."""

from manifests.filter.evaluate import matches
from manifests.filter.model import (
    And,
    Below,
    Between,
    Box,
    Eq,
    Exists,
    Filter,
    In,
    Match,
    Not,
    OneFinding,
    Or,
    Polygon,
    Prefix,
    Range,
    filter_text,
)
from manifests.filter.parse import parse_filter
from manifests.filter.read import read_filter
from manifests.filter.text import parse_text
from manifests.filter.write import written

__all__ = [
    "And",
    "Below",
    "Between",
    "Box",
    "Eq",
    "Exists",
    "Filter",
    "In",
    "Match",
    "Not",
    "OneFinding",
    "Or",
    "Polygon",
    "Prefix",
    "Range",
    "filter_text",
    "matches",
    "parse_filter",
    "parse_text",
    "read_filter",
    "written",
]
