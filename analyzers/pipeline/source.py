"""YAML as plain values, each with the line it stands in (spec/pipelines.md, Files). Pure.

Only what JSON has is taken of YAML: no tags, no anchors, no second document, and a word is true, false or a
whole number only where JSON would read it so. `no` stays a word, and `0.5` a text, which is how decimals are
written here. So nothing in a stranger's file is made into an object, and nothing in it grows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from analyzers.pipeline.errors import Fault
from hashstore.canonical import Json

if TYPE_CHECKING:
    from yaml.events import ScalarEvent

LARGEST: Final = 64 << 10  # bytes
_DEEPEST: Final = 10
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})", re.ASCII)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NOTHING: Final = ("", "~", "null", "Null", "NULL")
Place: TypeAlias = tuple[str | int, ...]


class Unreadable(Exception):
    """The text is no YAML of this kind.

    Args:
        fault: Why, and where.
    """

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.fault = Fault(line, words)


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says.

    Attributes:
        value: Objects, lists, texts, whole numbers, true and false.
        lines: In which line each member stands, from 1, by the names and numbers that lead to it.
    """

    value: Json
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of a member, or of the nearest around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


@dataclass(slots=True)
class _Open:
    """An object or a list whose end has not come."""

    place: Place
    value: Any
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    lines: dict[Place, int] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    root: list[Any] = field(default_factory=list)

    def begin(self, value: dict[str, Any] | list[Any], line: int) -> None:
        if len(self.stack) == _DEEPEST:
            raise Unreadable(line, f"more than {_DEEPEST} levels deep")
        self.stack.append(_Open(self._put(value, line), value))

    def scalar(self, event: ScalarEvent, line: int) -> None:
        if _SURROGATE.search(event.value):  # JSON's way to write one character as two, which YAML has not
            raise Unreadable(line, "an escape that is no character")
        inside = self.stack[-1] if self.stack else None
        if inside is None or isinstance(inside.value, list) or inside.key is not None:
            self._put(_value(event, line), line)
            return
        if event.value in inside.value:
            raise Unreadable(line, f"{event.value!r} is there twice")
        inside.key = event.value
        self.lines[(*inside.place, event.value)] = line

    def _put(self, value: Any, line: int) -> Place:
        if not self.stack:
            if self.root:
                raise Unreadable(line, "a second document begins; a file holds one pipeline")
            self.root.append(value)
            place: Place = ()
        else:
            place = self._put_in(self.stack[-1], value, line)
        self.lines.setdefault(place, line)
        return place

    def _put_in(self, inside: _Open, value: Any, line: int) -> Place:
        if isinstance(inside.value, list):
            inside.value.append(value)
            return (*inside.place, len(inside.value) - 1)
        if inside.key is None:
            raise Unreadable(line, "a name must be a word")
        place = (*inside.place, inside.key)
        inside.value[inside.key], inside.key = value, None
        return place


def read_source(data: bytes) -> Source:
    """Read a file.

    Raises:
        Unreadable: It is too large, no YAML, or uses what is not taken.
    """
    if len(data) > LARGEST:
        raise Unreadable(1, f"the file has more than {LARGEST >> 10} KiB")
    builder = _Builder()
    for event, line in _events(data):
        _take(builder, event, line)
    if not builder.root:
        raise Unreadable(1, "the file is empty")
    return Source(builder.root[0], builder.lines)


def _events(data: bytes) -> Iterator[tuple[Any, int]]:
    import yaml

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(data[: error.start].count(b"\n") + 1, "this is no UTF-8") from None
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            yield event, event.start_mark.line + 1
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, f"no YAML: {error.problem}") from None
    except yaml.YAMLError as error:  # a character that YAML does not allow
        place = getattr(error, "position", 0)
        raise Unreadable(text[:place].count("\n") + 1, f"no YAML: {error.__class__.__name__}") from None


def _take(builder: _Builder, event: Any, line: int) -> None:
    import yaml

    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise Unreadable(line, "anchors and aliases (& and *) are not taken; write it out")
    if getattr(event, "tag", None):
        raise Unreadable(line, f"tags such as {event.tag!r} are not taken")
    if isinstance(event, yaml.ScalarEvent):
        builder.scalar(event, line)
    elif isinstance(event, yaml.MappingStartEvent):
        builder.begin({}, line)
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.begin([], line)
    elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
        builder.stack.pop()


def _value(event: ScalarEvent, line: int) -> str | int | bool:
    text: str = event.value
    if event.style is not None:  # quoted, or a block
        return text
    if text in _NOTHING:
        raise Unreadable(line, "a value is missing here")
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _WHOLE.fullmatch(text) and text != "-0" else text
