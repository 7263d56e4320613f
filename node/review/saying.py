"""Say something of an image: checked as a machine's finding is, and kept until it is published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from analyzers.errors import AnalyzerError
from analyzers.finding import Finding
from analyzers.region import parse_region
from hashstore.digest import Digest
from manifests.annotations import MOTIVATIONS, annotation_name
from manifests.errors import InvalidRow
from node.compose import Node
from node.errors import NotFound
from node.look.access import public_among
from node.review.errors import ReviewRefused
from node.review.rules import Agent, check_says
from node.review.sizes import Size, sizes_of
from node.review.store import KeptAnnotation, ReviewStore

_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_TEXTS: Final = ("region", "text", "language", "term", "value", "unit", "uncertainty", "confidence")


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody says of an image; what does not apply is None. Members are those of a finding, as text.

    Attributes:
        image: What it is about.
        motivation: What for, by W3C Web Annotation.
        kind: What is said, by a name such as `label`.
    """

    image: Digest
    motivation: str
    kind: str
    region: str | None = None
    text: str | None = None
    language: str | None = None
    term: str | None = None
    value: str | None = None
    unit: str | None = None
    uncertainty: str | None = None
    confidence: str | None = None

    @property
    def members(self) -> dict[str, str]:
        """What has a value, but for the image."""
        told = {name: getattr(self, name) for name in _TEXTS if getattr(self, name) is not None}
        return {"motivation": self.motivation, "kind": self.kind, **told}


def say(node: Node, saying: Saying, agent: Agent, now: datetime | None = None) -> Digest:
    """Keep an annotation, pending; durable when this returns.

    Args:
        node: The node.
        saying: What is said.
        agent: By whom.
        now: When; with a time zone.

    Returns:
        The annotation's name.

    Raises:
        ReviewRefused: this agent may not, or what is said may not be published.
        NotFound: the image is not one that everybody may see.
    """
    kept = kept_annotation(saying, agent, now or datetime.now(UTC), size_of(node, saying.image))
    ReviewStore(node.layout.reviews).say(kept)
    return kept.name


def size_of(node: Node, image: Digest) -> Size:
    """How large a public image is.

    Raises:
        NotFound: it is not one that everybody may see, or cannot be read here.
    """
    with node.index() as index:
        known = index.one("SELECT 1 FROM capture WHERE digest = ? LIMIT 1", [image.raw])
        if known is None or image not in public_among(index, [image]):
            raise NotFound(f"{image} is no public image of this node.")
        size = sizes_of(node, index, [image]).get(image)
    if size is None:
        raise NotFound(
            f"How large {image} is cannot be told: fetch it, so that regions can be checked against it."
        )
    return size


def kept_annotation(saying: Saying, agent: Agent, now: datetime, size: Size) -> KeptAnnotation:
    """An annotation, checked and named. Pure.

    Raises:
        ReviewRefused: this agent may not, or what is said may not be published.
    """
    check_says(agent)
    check_saying(saying, size)
    content = {"created": time_of(now), **saying.members}
    row: Mapping[str, Any] = {**content, "digest": saying.image.raw, "agent": agent.iri}
    try:
        name = annotation_name(row)
    except InvalidRow as error:
        raise ReviewRefused(f"This cannot be kept: {error}") from error
    return KeptAnnotation(name, saying.image, agent.iri, agent.role, tuple(content.items()))


def check_saying(saying: Saying, size: Size) -> None:
    """Hold what is said to the rules for findings (spec/annotations.md, 4 to 6). Pure.

    Raises:
        ReviewRefused: naming what is wrong.
    """
    from analyzers.check import check_findings

    if saying.motivation not in MOTIVATIONS:
        raise ReviewRefused(
            f"{saying.motivation!r} is no motivation; these are: {', '.join(sorted(MOTIVATIONS))}."
        )
    if not _KIND.fullmatch(saying.kind):
        raise ReviewRefused(f"{saying.kind!r} is no kind: a-z, 0-9 and -, a letter first, at most 64.")
    if not any((saying.text, saying.term, saying.value, saying.region)):
        raise ReviewRefused("It says nothing: give a text, a term, a value, or a region of that kind.")
    try:
        members = {
            name: value for name, value in saying.members.items() if name not in ("motivation", "region")
        }
        region = None if saying.region is None else parse_region(saying.region)
        check_findings([Finding(**members, region=region)], {saying.kind: ""}, size)  # type: ignore[arg-type]
    except AnalyzerError as error:
        raise ReviewRefused(f"It cannot be published: {error}") from error


def time_of(moment: datetime) -> str:
    """`2026-11-23T08:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
