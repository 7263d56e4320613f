"""Texts of strangers on a terminal: what would steer it is shown, not obeyed."""

from __future__ import annotations

# C0 but tab and newline, DEL and C1 steer a terminal; the rest turns lines or the order of letters about.
_STEERING = (
    *(code for code in range(0x20) if chr(code) not in "\t\n"),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x2028,
    0x2029,
)
# Written as JSON writes them, so that JSON stays what it says.
_SHOWN = {code: f"\\u{code:04x}" for code in _STEERING}
_IN_A_LINE = {**_SHOWN, ord("\n"): "\\n", ord("\t"): "\\t"}


def visible(text: str) -> str:
    """The text, with an escape for each character that would steer a terminal; it may have several lines."""
    return text if text.isascii() and text.isprintable() else text.translate(_SHOWN)


def one_line(text: object) -> str:
    """Likewise, and a newline is shown too: a value must not look like a line of ours."""
    return str(text).translate(_IN_A_LINE)
