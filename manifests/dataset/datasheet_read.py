"""Reading a datasheet that somebody else may have written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hashstore.canonical import parse_json
from hashstore.errors import HashstoreError
from manifests.dataset.candidate import FACETS
from manifests.errors import DamagedManifest


@dataclass(frozen=True, slots=True)
class _Named:
    """An object of counts whose names fit a pattern."""

    names: re.Pattern[str]


_COUNTED: Final = {
    "known": int,
    "unknown": int,
    "distinct": int,
    "effective": str,
    "most": [{"value": str, "members": int}],
}
_SHAPE: Final = {
    "members": int,
    "bytes": int,
    "specimens": int,
    "licences": {
        "members": _Named(re.compile(r"[A-Za-z0-9.+-]{1,100}", re.ASCII)),
        "unknown": int,
        "contradictory": int,
    },
    "splits": _Named(re.compile("train|validation|test")),
    "labels": _COUNTED,
    "regions": _COUNTED,
    "balance": dict.fromkeys(FACETS, _COUNTED),
}


def read_datasheet(data: bytes) -> Mapping[str, Any]:
    """Read a datasheet; members that are not known here stay in it.

    Raises:
        DamagedManifest: it is none; the message names the place.
    """
    try:
        document = parse_json(data)
    except HashstoreError as error:
        raise DamagedManifest(f"The datasheet cannot be read: {error}") from error
    _check(document, _SHAPE, "the datasheet")
    assert isinstance(document, dict)
    return document


def _check(value: object, shape: Any, where: str) -> None:
    """Hold a value against a shape: a type, an object of shapes, a list of one, or named counts."""
    if isinstance(shape, dict):
        _require(isinstance(value, dict) and shape.keys() <= value.keys(), where)
        assert isinstance(value, dict)
        for name, inner in shape.items():
            _check(value[name], inner, f"{name} of {where}")
    elif isinstance(shape, list):
        _require(isinstance(value, list), where)
        assert isinstance(value, list)
        for item in value:
            _check(item, shape[0], where)
    elif isinstance(shape, _Named):
        _require(isinstance(value, dict) and all(map(shape.names.fullmatch, value)), where)
        assert isinstance(value, dict)
        for count in value.values():
            _check(count, int, where)
    else:
        _require(type(value) is shape and not (isinstance(value, int) and value < 0), where)


def _require(fits: bool, where: str) -> None:
    if not fits:
        raise DamagedManifest(f"{where[0].upper()}{where[1:]} is not what it has to be (spec/datasets.md).")
