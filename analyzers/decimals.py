"""Numbers as they are published: plain decimals in text, since floats have no one written form."""

from __future__ import annotations

import math
import re
from typing import Final

from analyzers.errors import BadOutput

_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?", re.ASCII)


def decimal_text(value: float, digits: int = 4) -> str:
    """A number with so many digits after the point at most; no exponent, no trailing zeros, no `-0`.

    Raises:
        BadOutput: It is not finite.
    """
    if not math.isfinite(value):
        raise BadOutput(f"a value is {value}, which no one could compare with another")
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def is_decimal(text: str) -> bool:
    """Whether a text is a plain decimal as `decimal_text` writes it."""
    if not _DECIMAL.fullmatch(text) or text in ("-0",):
        return False
    return "." not in text or not text.endswith("0")
