"""Makes pipelines.json: files and what they say, files to refuse, and selections (spec/pipelines.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analyzers.pipeline.document import Selection, read_pipeline
from analyzers.pipeline.errors import PipelineRefused
from analyzers.pipeline.select import input_of
from hashstore.digest import Digest

_START = "pipeline: 1\nname: example\nabout: An example.\n"
FILES = (
    _START + "steps:\n  look: {run: image-facts@1}\n",
    _START + "license: CC0-1.0\nsteps:\n  sheet: {run: sheet-segments@1}\n  cut:\n    run: crop@1\n"
    "    regions: {from: sheet, kind: [label, stamp], least: 0.5}\n    parameters: {margin: 12}\n"
    "  read: {run: label-text@1, pictures: {from: cut}, parameters: {least: 0.75}}\n",
    _START + "steps:\n  a:\n    run: some-analyzer@1.2\n    parameters:\n      whole: 12\n"
    "      decimal: 0.50\n      octal: 012\n      word: no\n      yes: true\n      quoted: 'true'\n"
    "      day: 2024-01-01\n"
    "      list: [-1, 1e3, \"2\"]\n",
)  # fmt: skip
REFUSED = (
    "",
    "pipeline: 2\nname: example\nabout: x\nsteps:\n  a: {run: a@1}\n",
    _START,
    _START + "steps:\n  a: {run: a@1}\n  a: {run: b@1}\n",
    _START + "steps:\n  a: &one {run: a@1}\n  b: *one\n",
    _START + "steps:\n  a: {run: !!str a@1}\n",
    _START + "steps:\n  a:\n    run: a@1\n    parameters: {b: }\n",
    _START + "steps:\n  a:\n    run: a@1\n    until: tomorrow\n",
    _START + "steps:\n  a: {run: a}\n",
    _START + "steps:\n  a: {run: a@1, regions: {from: b, least: 1.5}}\n",
    _START + "steps:\n  a: {run: a@1}\n---\nmore: 1\n",
)
PICTURE, MADE = Digest.of(b"picture"), Digest.of(b"made")
FINDINGS = (
    {"kind": "label", "region": "xywh=pixel:1,2,3,4", "confidence": "0.9"},
    {"kind": "label", "region": "polygon=pixel:0,0 9,0 4,7", "confidence": "0.5"},
    {"kind": "label", "region": "xywh=pixel:5,6,7,8", "confidence": "0.49"},
    {"kind": "stamp", "region": "xywh=pixel:1,1,1,1", "term": "https://example.org/stamp"},
    {"kind": "label", "confidence": "1"},
    {"kind": "crop", "region": "xywh=pixel:1,2,3,4", "derivative": MADE.uri, "mediaType": "image/png"},
)
SELECTIONS = (
    Selection("a", False),
    Selection("a", False, ("label",), (), "0.5"),
    Selection("a", False, (), ("https://example.org/stamp",)),
    Selection("a", True),
)


def main() -> None:
    """Write the vectors beside this file."""
    text = json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_name("pipelines.json").write_text(text, encoding="utf-8")


def vectors() -> dict[str, Any]:
    """All of them."""
    return {
        "description": "Pipelines with what they say, files to refuse with the first line that is told, and "
        "which inputs a selection takes of findings about one picture (spec/pipelines.md).",
        "files": [_file(text) for text in FILES],
        "refused": [{"text": text, "line": _line(text)} for text in REFUSED],
        "picture": PICTURE.uri,
        "findings": list(FINDINGS),
        "selections": [_selection(one) for one in SELECTIONS],
    }


def _file(text: str) -> dict[str, Any]:
    found = read_pipeline(text.encode(), "file")
    return {"text": text, "value": found.source.value, "digest": found.digest.uri}


def _line(text: str) -> int:
    try:
        read_pipeline(text.encode(), "file")
    except PipelineRefused as refused:
        return refused.faults[0].line
    raise AssertionError(f"it is not refused: {text!r}")


def _selection(selection: Selection) -> dict[str, Any]:
    way = "pictures" if selection.pictures else "regions"
    wanted: dict[str, Any] = {"from": selection.step}
    wanted |= {"kind": list(selection.kinds)} if selection.kinds else {}
    wanted |= {"term": list(selection.terms)} if selection.terms else {}
    wanted |= {"least": selection.least} if selection.least is not None else {}
    inputs = [input_of(selection, PICTURE, one) for one in FINDINGS]
    return {way: wanted, "inputs": [one.document() if one else None for one in inputs]}


if __name__ == "__main__":
    main()
