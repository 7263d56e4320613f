"""Words of a page that were never marked stay in plain English where all others are accented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import html

from node.web.language import LANGUAGES

pytestmark = pytest.mark.slow
# What is no text of ours: code, data of publishers, names of terms, and what programs print.
_TAGS = ("script", "style", "noscript", "code", "pre", "select", "dl", "time", "tbody", "em")
_CLASSES = (
    "brand", "card", "count", "value", "digest", "menu", "citation", "from", "layer", "key", "tag", "chosen",
    "operation", "number", "outlines",
)  # fmt: skip
_FOREIGN = " | ".join(
    [f"//{tag}" for tag in _TAGS]
    + [f"//*[contains(concat(' ', @class, ' '), ' {name} ')]" for name in _CLASSES]
    # The institution's name, and what a check or a verdict says of a mistake.
    + ["//*[contains(@class, 'hero')]/h1", "//*[@role = 'alert']/p[not(a)]"]
)
_MARKED = re.compile(r"\[[^\[\]]*\]")
_WORDS = re.compile(r"[A-Za-z]{4,}")
# Names that every language writes alike, and words of the question that was asked.
_NAMES = frozenset({"OpenAPI", "IIIF", "BibTeX", "DataCite", "JSON", "Vasculum"})


def test_no_page_has_words_that_are_not_marked(
    site: str, addresses: dict[str, str], fetch: Callable[[str], tuple[int, str]]
) -> None:
    for name, address in addresses.items():
        status, page = fetch(f"{site}{address}{'&' if '?' in address else '?'}lang=en-XA")
        assert status < 500
        found = [words for words in _plain(page) if not _NAMES.issuperset(_WORDS.findall(words))]
        assert not found, f"{name}: {found}"


def test_every_page_speaks_every_language(
    site: str, addresses: dict[str, str], fetch: Callable[[str], tuple[int, str]]
) -> None:
    for code in LANGUAGES:
        for name, address in addresses.items():
            page = fetch(f"{site}{address}{'&' if '?' in address else '?'}lang={code}")[1]
            assert f'<html lang="{code}">' in page, name


def _plain(page: str) -> Iterator[str]:
    """Texts and labels that are not wholly within marks."""
    tree: Any = html.fromstring(page)
    for element in tree.xpath(_FOREIGN):
        if element.getparent() is not None:
            element.drop_tree()
    texts = [str(text) for text in tree.xpath("//body//text()")]
    texts += [str(label) for label in tree.xpath("//body//@aria-label | //body//@placeholder")]
    # A marked text may hold tags, which split it: what is judged is the whole line.
    whole = " ".join(" ".join(texts).split())
    yield from (rest.strip() for rest in _MARKED.sub("\n", whole).split("\n") if _WORDS.search(rest))
