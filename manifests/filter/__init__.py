"""Filters that travel: a small tree of conditions on images, never SQL (spec/slices.md)."""

from manifests.filter.evaluate import matches
from manifests.filter.model import And, Eq, Exists, Filter, In, Not, Or, Prefix, Range, filter_text
from manifests.filter.parse import parse_filter

__all__ = [
    "And",
    "Eq",
    "Exists",
    "Filter",
    "In",
    "Not",
    "Or",
    "Prefix",
    "Range",
    "filter_text",
    "matches",
    "parse_filter",
]
