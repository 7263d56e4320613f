"""Makes analyzers.json: identities, keys, outputs and regions, with what names them (spec/analyzers.md)."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from types import MappingProxyType
from typing import Any

from analyzers.decimals import decimal_text
from analyzers.description import Description, Determinism, ModelFile, Task
from analyzers.finding import Derivative, Finding
from analyzers.identity import Identity, output_key, parameters_digest
from analyzers.output import Input, Output
from analyzers.region import Box, Grid, Mask, Point, Polygon, Region
from hashstore.digest import Digest

CODE, MODEL, IMAGE = (Digest.of(text) for text in (b"code", b"model", b"image"))
REGIONS: tuple[Region, ...] = (
    Box(10, 20, 300, 400),
    Point(7, 8),
    Polygon(((0, 0), (9, 0), (4, 7))),
    Mask(Box(10, 10, 3, 2), (1, 2, 3)),
    Mask(Box(0, 0, 2, 2), (0, 4)),
    Grid(4, 2, (1, 2, 5)),
)
MALFORMED = (
    "", "xywh=1,2,3,4", "xywh=percent:1,2,3,4", "xywh=pixel:01,2,3,4", "xywh=pixel:-1,2,3,4",
    "xywh=pixel:1,2,0,4", "xywh=pixel:1,2,3,4 ", "point=pixel:1", "polygon=pixel:1,2 3,4",
    "mask=pixel:0,0,2,2;1 2", "mask=pixel:0,0,2,2;1 0 3", "grid=2x2;5", "grid=0x2;0",
)  # fmt: skip
PLAIN = Description("facts", "1", Task.DESCRIBE, "Says little.", {"width": "A width."})
LEARNED = Description(
    "likeness", "2.1", Task.EMBED, "Makes vectors.", {"embedding": "A vector."},
    models=(ModelFile("network", MODEL),), determinism=Determinism("0.001"),
)  # fmt: skip
IDENTITIES = (
    Identity(PLAIN, CODE, MappingProxyType({"numpy": "2.4.6", "pillow": "13.0.0", "simplejpeg": "1.9.0"})),
    Identity(LEARNED, CODE, MappingProxyType({"numpy": "2.4.6", "onnxruntime": "1.32.0"})),
)
OUTPUTS = (
    Output(Input(IMAGE)),
    Output(Input(IMAGE), fault="damaged"),
    Output(Input(IMAGE), (Finding("width", value="3000"), Finding("sharpness", value="0.015846"))),
    Output(
        Input(IMAGE, REGIONS[0]),
        (
            Finding("label", REGIONS[2], text="Quercus robur L.", language="la", confidence="0.97"),
            Finding("scale", value="11.811", unit="{pixel}/mm", uncertainty="0.02"),
            Finding("embedding", vector=struct.pack("<2f", 0.6, 0.8)),
            Finding("crop", REGIONS[0], derivative=Derivative(b"crop", "image/png")),
        ),
    ),
)


def main() -> None:
    """Write the vectors beside this file."""
    text = json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_name("analyzers.json").write_text(text, encoding="utf-8")


def vectors() -> dict[str, Any]:
    """All of them."""
    return {
        "description": "Identities, parameters, keys, outputs, regions, decimals, with what names each, or "
        "how it is written (spec/analyzers.md).",
        "identities": [{"document": one.document(), "digest": one.digest.uri} for one in IDENTITIES],
        "parameters": [
            {"parameters": given, "digest": parameters_digest(given).uri}
            for given in ({}, {"side": 224, "tiles": 0}, {"least": "0.5"})
        ],
        "keys": [_key(None), _key(REGIONS[0])],
        "outputs": [_output(one) for one in OUTPUTS],
        "regions": [{"text": region.text, "bounds": _bounds(region)} for region in REGIONS],
        "malformedRegions": list(MALFORMED),
        "decimals": [
            {"value": value, "digits": digits, "text": decimal_text(float(value), digits)}
            for value, digits in (
                ("0.5", 4),
                ("1.50", 4),
                ("-0.00001", 4),
                ("1e20", 2),
                ("2.00005", 4),
                ("3", 0),
            )
        ],
    }


def _key(region: Region | None) -> dict[str, Any]:
    parameters = parameters_digest({})
    key = output_key(IDENTITIES[0].digest, parameters, IMAGE, region)
    told = {"analyzer": IDENTITIES[0].digest.uri, "parameters": parameters.uri, "input": IMAGE.uri}
    return {**told, **({"region": region.text} if region else {}), "key": key.uri}


def _output(output: Output) -> dict[str, Any]:
    said: dict[str, Any] = {"findings": [finding.document() for finding in output.findings]}
    return {**said, **({"fault": output.fault} if output.fault else {}), "digest": output.digest.uri}


def _bounds(region: Region) -> str | None:
    return region.bounds.text if region.bounds else None


if __name__ == "__main__":
    main()
