"""Where a page leads back to: an address of this node and of no other. Pure."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 2000
# Browsers take `\` for `/` and leave out tabs and ends of lines, so that `/\there` and `/<tab>/there` are
# other hosts to them (WHATWG URL, sections 4.1 and 4.4). What is not plain ASCII comes percent-encoded.
_OURS: Final = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?", re.ASCII)


def own_target(text: str, otherwise: str) -> str:
    """An address to go to after something was done.

    Args:
        text: What the request asks for: a path with or without a query.
        otherwise: Where to go if that is not on this node.
    """
    return text if len(text) <= _LONGEST and _OURS.fullmatch(text) else otherwise
