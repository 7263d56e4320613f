"""A finding as an annotation of W3C Web Annotation (Data Model, 2017), nothing of it lost. Pure.

What that model has no words for (quantities, masks, grids) stands in members of our own, under full IRIs,
beside what every reader understands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from analyzers.region import Box, Grid, Mask, Point, Polygon, Region, parse_region
from hashstore.digest import Digest
from manifests.terms import VASCULUM

CONTEXT: Final = "http://www.w3.org/ns/anno.jsonld"
MEDIA_FRAGMENTS: Final = "http://www.w3.org/TR/media-frags/"
_TEXT: Final = ("text", "language")
_OURS: Final = ("kind", "value", "unit", "uncertainty", "confidence", "vector", "derivative", "mediaType")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a finding stands, and who made it.

    Attributes:
        id: Its name: the key of the analysis, `#`, and its place there.
        image: The image that it is about.
        analyzer: The analyzer's identity.
        name: The analyzer's name and version.
        made: When its run ended.
    """

    id: str
    image: Digest
    analyzer: Digest
    name: str
    made: datetime


def annotation(origin: Origin, finding: Mapping[str, Any]) -> dict[str, Any]:
    """A finding as an annotation.

    Args:
        origin: Where it stands.
        finding: What `Finding.document` wrote.
    """
    region = finding.get("region")
    made: dict[str, Any] = {
        "@context": CONTEXT,
        "id": origin.id,
        "type": "Annotation",
        "motivation": motivation_of(finding),
        "generator": {"id": origin.analyzer.uri, "type": "Software", "name": origin.name},
        "generated": origin.made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "target": target_of(origin.image, parse_region(region) if region else None),
    }
    if body := bodies_of(finding):
        made["body"] = body
    return made | ours_of(finding)


def finding_of(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """The finding that `annotation` was made of; the two are each other's inverse.

    Raises:
        KeyError: It is none of ours.
    """
    found = {name: annotation[VASCULUM + name] for name in _OURS if VASCULUM + name in annotation}
    target = annotation["target"]
    if isinstance(target, Mapping):
        found["region"] = target[VASCULUM + "region"]
    for body in annotation.get("body", []):
        if body.get("purpose") == "describing" and VASCULUM + "spoken" not in body:
            found |= {"text": body["value"]} | ({"language": body["language"]} if "language" in body else {})
        elif body.get("type") == "SpecificResource":
            found["term"] = body["source"]
    return found


def motivation_of(finding: Mapping[str, Any]) -> str:
    """What a finding is for."""
    if "term" in finding:
        return "identifying"
    return "describing" if {"text", "value", "vector"} & set(finding) else "tagging"


def bodies_of(finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is said, for every reader."""
    bodies: list[dict[str, Any]] = []
    if "text" in finding:
        told = {name: finding[name] for name in ("language",) if name in finding}
        bodies.append({"type": "TextualBody", "value": finding["text"], "purpose": "describing", **told})
    if "term" in finding:
        bodies.append({"type": "SpecificResource", "source": finding["term"], "purpose": "identifying"})
    if "value" in finding:
        words = f"{finding['kind']}: {finding['value']} {finding.get('unit', '')}".rstrip()
        spoken = {VASCULUM + "spoken": True}
        bodies.append({"type": "TextualBody", "value": words, "purpose": "describing", **spoken})
    if not bodies:
        bodies.append({"type": "TextualBody", "value": finding["kind"], "purpose": "tagging"})
    return bodies


def ours_of(finding: Mapping[str, Any]) -> dict[str, Any]:
    """What the model has no words for, under full IRIs."""
    return {VASCULUM + name: finding[name] for name in _OURS if name in finding}


def target_of(image: Digest, region: Region | None) -> str | dict[str, Any]:
    """What it is about: the image, or a part of it."""
    if region is None:
        return image.uri
    target: dict[str, Any] = {"type": "SpecificResource", "source": image.uri}
    if selector := _selector(region):
        target["selector"] = selector
    return {**target, VASCULUM + "region": region.text}


def _selector(region: Region) -> dict[str, Any] | None:
    """What every viewer can draw: exact for rectangles, points and polygons, the bounds of a mask."""
    match region:
        case Box() | Mask():
            return _fragment(region.bounds)
        case Point(x, y):
            return _svg(f'<circle cx="{x}.5" cy="{y}.5" r="0.5"/>')
        case Polygon(points):
            return _svg('<polygon points="' + " ".join(f"{x},{y}" for x, y in points) + '"/>')
        case Grid():
            return None


def _fragment(box: Box) -> dict[str, Any]:
    return {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": box.text}


def _svg(shape: str) -> dict[str, Any]:
    return {"type": "SvgSelector", "value": f'<svg xmlns="http://www.w3.org/2000/svg">{shape}</svg>'}
