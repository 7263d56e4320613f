"""Makes bundles.json: the schema, manifests with their digests, and code with its entry (spec/bundles.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analyzers.bundle.manifest import BUNDLE, Bundle, Trial
from analyzers.code import entry_module
from analyzers.description import Description, Determinism, ModelFile, Needs, Task
from analyzers.description_json import DESCRIPTION
from analyzers.errors import UnsuitableCode
from analyzers.region import Box
from hashstore.canonical import canonical_json
from hashstore.digest import Digest

CODE, MODEL, LICENSE, IMAGE = (Digest.of(text) for text in (b"code", b"model", b"licence", b"image"))
EXPECTED = Digest.of(canonical_json({"findings": [{"kind": "red", "value": "10"}]}))
PLAIN = Description("mean-red", "1", Task.MEASURE, "Mean red.", {"red": "Mean of red."}, license="MIT")
LEARNED = Description(
    "leaf-area", "2.1", Task.MEASURE, "Area of a leaf.", {"area": "Its area in mm2."},
    parameters={"least": {"type": "integer", "default": 5, "minimum": 0, "description": "Pixels."}},
    models=(ModelFile("network", MODEL),), determinism=Determinism("0.01"), needs=Needs(2 << 30, 2.5),
    environment=("onnxruntime",), license="Apache-2.0", citation="Somebody 2026",
)  # fmt: skip
LOCK = {"numpy": "2.4.6", "pillow": "13.0.0", "simplejpeg": "1.9.0"}
BUNDLES = (
    Bundle(PLAIN, CODE, LOCK, LICENSE, (Trial(IMAGE, EXPECTED, {}),)),
    Bundle(
        LEARNED, CODE, {**LOCK, "onnxruntime": "1.32.0"}, LICENSE,
        (Trial(IMAGE, EXPECTED, {"least": 7}), Trial(IMAGE, EXPECTED, {}, Box(10, 20, 300, 400))),
    ),
)  # fmt: skip
CODES: tuple[dict[str, str], ...] = (
    {"alone": "ANALYZER = 1"},
    {"a": "", "a.b": "from a.c import read\nANALYZER = read", "a.c": "read = 1"},
    {"a": "from a.b import ANALYZER", "a.b": "ANALYZER: object = 1"},
    {"a": "ANALYZER = 1", "a.b": "pass"},
    {"a": "pass"},
    {"a": "", "a.b": "from a import c\nANALYZER = 1", "a.c": "from a import b\nANALYZER = 1"},
)


def main() -> None:
    """Write the vectors beside this file."""
    text = json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_name("bundles.json").write_text(text, encoding="utf-8")


def vectors() -> dict[str, Any]:
    """All of them."""
    return {
        "description": "The JSON Schema of a bundle's manifest; manifests with their digests; manifests to "
        "refuse; code bundles with the module that gives the analyzer, or null (spec/bundles.md).",
        "schema": schema(),
        "manifests": [{"manifest": json.loads(one.data), "digest": one.digest.uri} for one in BUNDLES],
        "malformed": list(_malformed()),
        "code": [{"sources": one, "entry": _entry(one)} for one in CODES],
    }


def schema() -> dict[str, Any]:
    """The whole schema, as `read_bundle` holds manifests to it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_object({**BUNDLE, "analyzer": _object(dict(DESCRIPTION))}),
    }


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(members),
        "properties": members,
    }


def _malformed() -> Any:
    whole = json.loads(BUNDLES[0].data)
    yield {name: value for name, value in whole.items() if name != "licenseText"}
    yield {**whole, "tests": []}
    yield {**whole, "code": "code"}
    yield {**whole, "analyzer": {**whole["analyzer"], "name": "Mean Red"}}
    yield {**whole, "analyzer": {**whole["analyzer"], "seconds": "0"}}


def _entry(sources: dict[str, str]) -> str | None:
    try:
        return entry_module(sources)
    except UnsuitableCode:
        return None


if __name__ == "__main__":
    main()
