"""JSON that has exactly one written form: RFC 8785 (JCS) without fractions.

What `parse_json` accepts, `canonical_json` prints; what `canonical_json` prints, `parse_json` reads back
equal.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, Never, TypeAlias

import rfc8785

from hashstore.errors import MalformedJson

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# Ten times as fast as rfc8785, which stands for it where names could be sorted otherwise; without floats the
# two write the same, and tests hold them against each other.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False)

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

MAX_DEPTH: Final = 128
MAX_INTEGER: Final = 2**53 - 1


def canonical_json(value: Json) -> bytes:
    """Print a value in the canonical form of RFC 8785.

    Args:
        value: Null, booleans, integers up to 2^53-1 either way, strings, sequences and mappings of these.

    Returns:
        UTF-8 bytes.

    Raises:
        MalformedJson: For floats (decimals travel as strings), greater integers, lone surrogates, names that
            are no strings, other types, or nesting beyond `MAX_DEPTH`. The message gives the place as a path.
    """
    return _print(value if _is_plain(value, 0) else _plain(value, "$", 0))


def parse_json(data: bytes) -> Json:
    """Read a document strictly (RFC 8259 in UTF-8, without byte order mark).

    Returns:
        The value, made of dict, list, str, int, bool and None.

    Raises:
        MalformedJson: If it is not JSON, or holds duplicate names, NaN, Infinity, a fraction, an integer
            beyond 2^53-1, a lone surrogate, or nesting beyond `MAX_DEPTH`.
    """
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_constant=_no_constant,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise MalformedJson(f"not UTF-8 at byte {error.start}: {error.reason}") from error
    except json.JSONDecodeError as error:
        raise MalformedJson(f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise MalformedJson(f"nested deeper than {MAX_DEPTH} levels") from error
    if not _is_plain(value, 0):
        _plain(value, "$", 0)
    return value  # type: ignore[no-any-return]


def parse_canonical(data: bytes) -> Json:
    """Read a document that has to be in canonical form.

    Raises:
        MalformedJson: as `parse_json` does, and if it is written otherwise.
    """
    value = parse_json(data)
    if _print(value) != data:
        raise MalformedJson("not in the canonical form of RFC 8785")
    return value


def _print(plain: Any) -> bytes:
    text = _ENCODER.encode(plain)
    # Python sorts names by code points, RFC 8785 by UTF-16 units. These agree but for names beyond the basic
    # plane, and a text without surrogate pairs has none.
    return text.encode() if _is_basic(text) else rfc8785.dumps(plain)


def _is_plain(value: object, depth: int) -> bool:
    """Whether a value is made of Python's own types and has a canonical form as it is; says not where."""
    kind = type(value)
    if kind is str:
        return _is_text(value)  # type: ignore[arg-type]
    if kind is dict:
        return depth < MAX_DEPTH and all(
            type(name) is str and _is_text(name) and _is_plain(item, depth + 1)
            for name, item in value.items()  # type: ignore[attr-defined]
        )
    if kind is list:
        return depth < MAX_DEPTH and all(_is_plain(item, depth + 1) for item in value)  # type: ignore[attr-defined]
    if kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER  # type: ignore[operator]
    return value is None or kind is bool


def _is_basic(text: str) -> bool:
    """Whether every character is of Unicode's basic plane."""
    return text.isascii() or len(text.encode("utf-16-le")) == 2 * len(text)


def _plain(value: object, where: str, depth: int) -> Any:
    """Copy a value into plain dicts and lists, refusing what has no single canonical form."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise MalformedJson(f"{where}: {value} is beyond 2^53-1; write it as a string")
        return int(value)
    if depth >= MAX_DEPTH:
        raise MalformedJson(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return {
            _name(name, where): _plain(item, f"{where}.{name}", depth + 1) for name, item in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [_plain(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
    hint = "; write decimals as strings" if isinstance(value, float) else ""
    raise MalformedJson(f"{where}: a {type(value).__name__} has no canonical form{hint}")


def _is_text(value: str) -> bool:
    # isascii is a flag look-up; only other texts can hold surrogates.
    return value.isascii() or _SURROGATE.search(value) is None


def _text(value: str, where: str) -> str:
    if not _is_text(value):
        raise MalformedJson(f"{where}: the text holds half of a surrogate pair")
    return value


def _name(name: object, where: str) -> str:
    if not isinstance(name, str):
        raise MalformedJson(f"{where}: the name {name!r} is a {type(name).__name__}, not a string")
    return _text(name, where)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = Counter(name for name, _ in pairs)
        twice = next(name for name, times in names.items() if times > 1)
        raise MalformedJson(f"the name {twice!r} occurs twice in one object")
    return value


def _integer(text: str) -> int:
    # int() refuses very long texts with a ValueError of its own, so length is looked at first.
    if len(text) > 17:
        raise MalformedJson(f"{text[:20]} is beyond 2^53-1; write it as a string")
    return int(text)


def _no_float(text: str) -> Never:
    raise MalformedJson(f"{text[:40]} is a fraction; decimals travel as strings")


def _no_constant(text: str) -> Never:
    raise MalformedJson(f"{text} is not JSON")
