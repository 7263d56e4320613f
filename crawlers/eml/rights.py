"""Finds the licence in a statement of rights: by its URL, or by the name under which everyone knows it."""

from __future__ import annotations

import re

_URL = re.compile(r"https?://[^\s<>\"')\]]+", re.IGNORECASE)
_LICENCE_HOSTS = ("creativecommons.org/", "opendatacommons.org/", "data.gov.uk/doc/open-government-licence")
_SHORT = re.compile(
    r"\bCC[- ]?0\b|\bCC[- ]BY(?:[- ](?:NC|SA|ND)){0,2}(?:[- ]\d\.\d)?\b"
    r"|\bpublic domain\b|\bPDDL\b|\bODbL\b|\bODC-By\b",
    re.IGNORECASE,
)


def licence_in(text: str, links: tuple[str, ...]) -> str | None:
    """The licence that a statement of rights names.

    Args:
        text: The whole statement, on one line.
        links: URLs that it links to, in order.

    Returns:
        The first URL of a known licence; else a licence's short name where one stands in the text; else the
        only URL that is linked or written, if it speaks of licences; else None, and the statement itself is
        all there is.
    """
    urls: list[str] = [*links, *(url.rstrip(".,;:") for url in _URL.findall(text))]
    for url in urls:
        if any(host in url.lower() for host in _LICENCE_HOSTS):
            return url
    short = _SHORT.search(text)
    if short is not None:
        return str(short[0])
    return next((url for url in urls if re.search("licen[cs]e|rights", url, re.IGNORECASE)), None)
