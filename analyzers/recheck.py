"""What came out of a sandbox, checked again outside of it: code in there can change who checks it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from analyzers.check import check_findings
from analyzers.errors import BadOutput, UnreadablePicture
from analyzers.output import Failing, Failure, Input, Output, decode_result, encode_result
from analyzers.picture.picture import Picture
from analyzers.region import parse_region
from hashstore.canonical import Json
from hashstore.digest import Digest

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def recheck_unit(order: Mapping[str, Any]) -> list[dict[str, Json]]:
    """Check results that are not trusted, in a process that runs no code but this program's.

    Args:
        order: `kinds`, what the analyzer declares; `items`, as `run_unit` takes them; `results`, what came.

    Returns:
        For each item its result; one that must not be published is a failure.
    """
    items, results = order["items"], order["results"]
    if not isinstance(results, list) or len(results) != len(items):
        results = [None] * len(items)
    return [
        encode_result(_checked(item, found, order["kinds"]))
        for item, found in zip(items, results, strict=True)
    ]


def _checked(item: Mapping[str, str], found: Any, kinds: Mapping[str, str]) -> Output | Failure:
    region = item.get("region")
    input = Input(Digest.parse(item["digest"]), parse_region(region) if region else None)
    try:
        result = decode_result(found)
        if result.input != input:
            return Failure(input, Failing.BAD_OUTPUT, "it speaks of another picture")
        if isinstance(result, Failure):
            return Failure(input, result.failing, _CONTROL.sub(" ", result.words[:500]))
        _check(result, Path(item["path"]).read_bytes(), kinds)
    except (BadOutput, UnreadablePicture) as error:
        return Failure(input, Failing.BAD_OUTPUT, str(error))
    except OSError as error:
        return Failure(input, Failing.MISSING, str(error.strerror))
    except Exception as error:  # a stranger's document can be wrong in any way
        return Failure(input, Failing.BAD_OUTPUT, f"its answer is no result ({type(error).__name__})")
    return result


def _check(result: Output, data: bytes, kinds: Mapping[str, str]) -> None:
    picture = Picture(result.input.digest, data, result.input.region)
    if result.fault is None:
        check_findings(result.findings, kinds, picture.size)
    elif (seen := _fault(picture)) != result.fault:
        raise BadOutput(f"it says that the picture cannot be read ({result.fault}), but it can ({seen})")


def _fault(picture: Picture) -> str | None:
    try:
        picture.pixels()
    except UnreadablePicture as error:
        return error.fault
    return None
