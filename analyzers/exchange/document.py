"""JSON of others."""

from __future__ import annotations

import json
from typing import Any, Final

from analyzers.exchange.model import MalformedFile

LARGEST: Final = 512 << 20  # bytes


def parse(data: bytes, what: str) -> Any:
    """A JSON document; numbers may be anything that Python's reader takes.

    Raises:
        MalformedFile: it is none, or too large.
    """
    if len(data) > LARGEST:
        raise MalformedFile(f"This file has {len(data):,} bytes; at most {LARGEST:,} are read as {what}.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MalformedFile(f"This is no JSON, so no {what}: {error}") from error
