"""One unit of work: an analyzer over some inputs, as a pure function of JSON, wherever it is called.

It is what crosses the seam between a node and whatever computes for it: a process of the embedded pool, a
worker of a cluster, or another machine. JSON both ways, never pickle: a process that met strangers' bytes is
not trusted to hand back objects.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from analyzers.check import check_findings
from analyzers.description import Description
from analyzers.errors import BadOutput, UnreadablePicture, UnsuitableModel
from analyzers.interface import Reading
from analyzers.output import Failing, Failure, Input, Output, encode_result
from analyzers.picture.picture import MOST_PIXELS, Picture
from analyzers.region import parse_region
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest


def run_unit(order: Mapping[str, Any]) -> list[dict[str, Json]]:
    """Read some pictures.

    Args:
        order: `analyzer`, its name; `parameters`, whole; `models`, for each name its `path` and `digest`;
            `pixels`, how many a picture may have, or not; `items`, each with `digest`, `path`, and `region`
            or not. A picture that must not touch a disk has `data`, its bytes in base64, for `path`.

    Returns:
        For each item its result as `output.encode_result` writes it, in order.

    Raises:
        UnsuitableModel: A model's bytes are not those of its digest.
        UnknownAnalyzer: It is not installed where this runs.
    """
    description, reading = _prepared(
        order["analyzer"], canonical_json(order["parameters"]), canonical_json(order["models"])
    )
    most = order.get("pixels", MOST_PIXELS)
    return [encode_result(_read(description, reading, item, most)) for item in order["items"]]


@lru_cache(maxsize=4)
def _prepared(name: str, parameters: bytes, models: bytes) -> tuple[Description, Reading]:
    import json

    from analyzers.registry import analyzer_for

    paths = {model: _checked(model, **one) for model, one in json.loads(models).items()}
    analyzer = analyzer_for(name, paths)
    return analyzer.description, analyzer.prepare(json.loads(parameters), paths)


def _checked(name: str, path: str, digest: str) -> Path:
    with open(path, "rb") as stream:
        found = Digest(hashlib.file_digest(stream, "sha256").digest())
    if found != Digest.parse(digest):
        raise UnsuitableModel(
            f"The model {name} in {path} is {found.uri}, not {digest}: its bytes were changed. "
            "Nothing was analysed."
        )
    return Path(path)


def _read(description: Description, reading: Reading, item: Mapping[str, str], most: int) -> Output | Failure:
    region = item.get("region")
    input = Input(Digest.parse(item["digest"]), parse_region(region) if region else None)
    try:
        data = base64.b64decode(item["data"]) if "data" in item else Path(item["path"]).read_bytes()
    except OSError as error:
        return Failure(input, Failing.MISSING, str(error.strerror))
    if Digest.of(data) != input.digest:
        return Failure(input, Failing.DIFFERENT, f"{item.get('path')} does not hold what its name says")
    return read_picture(description, reading, input, data, most)


def read_picture(
    description: Description, reading: Reading, input: Input, data: bytes, most: int = MOST_PIXELS
) -> Output | Failure:
    """Run a prepared analyzer over one picture, and check what it says.

    Args:
        description: What the analyzer declares.
        reading: What it prepared.
        input: What is read.
        data: The picture's bytes, checked against its digest.
        most: How many pixels it may have; what says that it has more is not decoded.
    """
    picture = Picture(input.digest, data, input.region)
    try:
        if picture.size[0] * picture.size[1] > most:
            raise UnreadablePicture("too-large")
        _check_input(input, picture.size)
        findings: Sequence[Any] = reading(picture)
        check_findings(findings, description.kinds, picture.size)
    except UnreadablePicture as error:
        return Output(input, fault=error.fault)
    except BadOutput as error:
        return Failure(input, Failing.BAD_OUTPUT, str(error))
    except MemoryError:
        return Failure(input, Failing.OUT_OF_MEMORY, "it needs more memory than its analyzer may take")
    except Exception as error:  # an analyzer may be anyone's; one picture's failure is not the run's
        return Failure(input, Failing.FAILED, f"{type(error).__name__}: {error}"[:500])
    return Output(input, tuple(findings))


def _check_input(input: Input, size: tuple[int, int]) -> None:
    bounds = input.region.bounds if input.region else None
    if bounds and (bounds.x + bounds.width > size[0] or bounds.y + bounds.height > size[1]):
        raise BadOutput(f"the region asked for lies outside the picture of {size[0]} x {size[1]} pixels")
