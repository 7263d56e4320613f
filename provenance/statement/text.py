"""Texts from outside, made fit for a statement."""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x1f\x7f\\s]+")


def plain_text(text: str) -> str:
    """One line without what statements do not allow: control characters, and halves of surrogate pairs."""
    return _CONTROLS.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).strip()
