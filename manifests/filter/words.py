"""What a word is in a full text: a run of characters out of a table that never changes."""

from __future__ import annotations

import re
from typing import Final

from manifests.filter.comparing import folded

# Digits, the letters a to z, and all from U+00C0 on but the signs × and ÷ and the blocks of punctuation. No
# release of Unicode changes what a word is. Written in what RE2 and Python's re read alike.
WORD_PATTERN: Final = "[0-9a-zÀ-ÖØ-öø-\u1fff\u2070-\u2fff\u3040-\U0010ffff]+"
MOST_WORDS_ASKED: Final = 32
_WORD: Final = re.compile(WORD_PATTERN)


def words_of(text: str | None) -> tuple[str, ...]:
    """The words of a text in their order; A to Z made small, nothing else changed."""
    return tuple(_WORD.findall(folded(text) or ""))
