"""Base 58 in the Bitcoin alphabet, the form in which multibase (prefix `z`) writes keys and signatures.

Both directions are strict: a text has exactly one reading and a byte string exactly one writing.
"""

from __future__ import annotations

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
_TEN = 58**10


def encode(data: bytes) -> str:
    """Writes bytes in base 58, one leading `1` for each leading zero byte."""
    number = int.from_bytes(data)
    letters: list[str] = []
    while number:
        number, rest = divmod(number, _TEN)  # long numbers are divided seldom, short ones cheaply
        for _ in range(10):
            rest, letter = divmod(rest, 58)
            letters.append(_ALPHABET[letter])
    while letters and letters[-1] == "1":
        letters.pop()
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(letters))


def decode(text: str) -> bytes:
    """Reads base 58.

    Raises:
        ValueError: a letter is not of the alphabet, or the text is longer than any key or signature.
    """
    if len(text) > 256:  # the arithmetic is quadratic: never run it over a text of an attacker's length
        raise ValueError("a base58 text of more than 256 letters")
    number = 0
    for letter in text:
        if letter not in _VALUE:
            raise ValueError(f"{letter!r} is not a base58 letter")
        number = number * 58 + _VALUE[letter]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)
