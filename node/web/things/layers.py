"""What is said of an image, as layers over it: one for each analyzer, and one for what people say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analyzers.errors import MalformedRegion
from analyzers.region import parse_region
from node.web.things.outline import outline

_MOST: Final = 500  # of one layer; whoever wants all has the annotations


@dataclass(frozen=True, slots=True)
class Said:
    """One finding.

    Attributes:
        number: Its place among all that are shown.
        words: What it says, in short.
        path: Its outline over the image; None if it speaks of the whole.
        region: Where, in its written form.
        fields: All that it says.
    """

    number: int
    words: str
    path: str | None
    region: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one analyzer, or one person, says.

    Attributes:
        name: Who.
        about: Run, log, identity: where it stands, and whether others came to the same.
        said: The findings.
        more: How many more there are.
    """

    name: str
    about: Mapping[str, Any]
    said: tuple[Said, ...]
    more: int


def layers(analyses: Sequence[Mapping[str, Any]]) -> tuple[Layer, ...]:
    """Layers out of what `describe` tells of an image's analyses."""
    number, made = 0, []
    for analysis in analyses:
        findings = analysis["findings"]
        said = tuple(_said(number, findings[:_MOST]))
        number += len(said)
        about = {name: value for name, value in analysis.items() if name not in ("findings", "analyzer")}
        made.append(Layer(str(analysis["analyzer"]), about, said, len(findings) - len(said)))
    return tuple(made)


def _said(number: int, findings: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
    for place, finding in enumerate(findings, number):
        region = finding.get("region")
        yield Said(place, _words(finding), _path(region), region, finding)


def _path(region: str | None) -> str | None:
    try:
        return None if region is None else outline(parse_region(region))
    except MalformedRegion:
        return None


def _words(finding: Mapping[str, Any]) -> str:
    """A finding in a line: its text, else its value with unit, else its term."""
    if text := finding.get("text"):
        return str(text)
    if (value := finding.get("value")) is not None:
        give = f" ± {finding['uncertainty']}" if finding.get("uncertainty") else ""
        return f"{value}{give} {finding.get('unit') or ''}".strip()
    return str(finding.get("term") or finding.get("vector") or "")
