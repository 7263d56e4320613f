"""The Range field (RFC 9110, section 14): one range of bytes; of several none is given, which is allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,19})-(\d{0,19})[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """A part of a body.

    Attributes:
        start: First byte.
        stop: One past the last byte.
    """

    start: int
    stop: int


class Unsatisfiable(ValueError):
    """The range begins behind the end of the body: 416."""


def parse_range(field: str | None, size: int) -> ByteRange | None:
    """The range that a request asks for.

    Args:
        field: The value of `Range`; None if the request has none.
        size: How many bytes the whole body has.

    Returns:
        The range, cut off at the end of the body; None if the whole body is to be sent (no field, or one
        that may be passed over: another unit, several ranges, or nonsense).

    Raises:
        Unsatisfiable: no byte of the body is in it.
    """
    found = _ONE.fullmatch(field) if field is not None else None
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        last = int(found[2])
        if last == 0 or size == 0:
            raise Unsatisfiable
        return ByteRange(max(0, size - last), size)
    start = int(found[1])
    stop = int(found[2]) + 1 if found[2] else None
    if stop is not None and stop <= start:
        return None
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, size if stop is None else min(stop, size))
