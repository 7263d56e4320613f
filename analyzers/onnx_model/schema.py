"""What may stand in a manifest, as JSON Schema (2020-12)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

_DECIMAL: Final = {"type": ["string", "integer"], "pattern": r"^-?[0-9]{1,6}(\.[0-9]{1,9})?$"}
_OF_COLOURS: Final = {"type": "array", "items": _DECIMAL, "minItems": 3, "maxItems": 3}
_SIDE: Final = {"type": "integer", "minimum": 8, "maximum": 4096}
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 300}

_INPUT: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["width", "height"],
    "properties": {
        "width": _SIDE,
        "height": _SIDE,
        "resize": {"enum": ["squeeze", "fit", "crop"]},
        "fraction": {"type": "string", "pattern": r"^(0\.[1-9][0-9]{0,3}|1)$"},
        "padding": {"type": "integer", "minimum": 0, "maximum": 255},
        "filter": {"enum": ["bilinear", "bicubic"]},
        "colours": {"enum": ["RGB", "BGR"]},
        "layout": {"enum": ["NCHW", "NHWC"]},
        "mean": _OF_COLOURS,
        "std": _OF_COLOURS,
    },
}

_OUTPUT: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "activation": {"enum": ["softmax", "sigmoid", "none"]},
        "format": {"enum": ["yolo", "boxes"]},
        "width": {"type": "integer", "minimum": 1, "maximum": 16384},
    },
}

MANIFEST: Final = MappingProxyType[str, Any](
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "version", "task", "about", "license", "model", "sha256", "input"],
        "properties": {
            "name": _TEXT,
            "version": _TEXT,
            "task": {"enum": ["classify", "detect", "embed"]},
            "about": _TEXT,
            "license": _TEXT,
            "citation": {"type": "string", "maxLength": 1000},
            "model": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$"},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "labels": {
                "type": "array",
                "items": _TEXT,
                "minItems": 1,
                "maxItems": 100_000,
                "uniqueItems": True,
            },
            "terms": {"type": "object", "additionalProperties": _TEXT},
            "tolerance": {"type": "string", "pattern": r"^0\.[0-9]{0,9}[1-9]$"},
            "input": _INPUT,
            "output": _OUTPUT,
        },
    }
)
