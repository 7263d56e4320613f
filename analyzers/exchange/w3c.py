"""W3C Web Annotation (Data Model, 2017): our own, and what other tools draw on images."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from analyzers.annotation import CONTEXT, bodies_of, finding_of, motivation_of, ours_of, target_of
from analyzers.errors import AnalyzerError, BadOutput
from analyzers.exchange.document import parse
from analyzers.exchange.model import Item, MalformedFile, Refused, Written
from analyzers.exchange.numbers import box_of
from analyzers.exchange.svg import region_of_svg
from analyzers.region import Region, parse_region
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.terms import VASCULUM

_PAGES: Final = ("AnnotationPage", "AnnotationCollection")
_FRAGMENT: Final = "xywh="


def read_w3c(data: bytes) -> Iterator[Item | Refused]:
    """The annotations of a page, a collection that embeds its pages, a list, or a single one.

    Raises:
        MalformedFile: it is none of these.
    """
    for place, annotation in enumerate(_listed(parse(data, "W3C Web Annotation")), 1):
        try:
            yield _item(place, annotation)
        except BadOutput as error:
            yield Refused(place, "not-a-number" if "number" in str(error) else "malformed", str(error))
        except (AnalyzerError, AttributeError, KeyError, TypeError, ValueError) as error:
            yield Refused(place, "malformed", f"it is no annotation of an image ({error})")


def _listed(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        raise MalformedFile("This is no W3C Web Annotation: it is neither an object nor a list.")
    types = [one for one in _list(document.get("type")) if isinstance(one, str)]
    if "Annotation" in types:
        return [document]
    if not set(types) & set(_PAGES):
        raise MalformedFile(
            "This is no W3C Web Annotation: its type is neither Annotation nor AnnotationPage."
        )
    pages = [document.get("first")] if "AnnotationCollection" in types else [document]
    found: list[Any] = []
    for page in pages:
        if not isinstance(page, dict) or not isinstance(page.get("items"), list):
            raise MalformedFile(
                "Its annotations stand in other files; give the AnnotationPage with its items."
            )
        found += page["items"]
    return found


def _item(place: int, annotation: Mapping[str, Any]) -> Item:
    (target,) = _list(annotation["target"])
    ours = VASCULUM + "kind" in annotation
    finding = finding_of(annotation) if ours else _foreign(annotation, target)
    source = target if isinstance(target, str) else target.get("source", target.get("id"))
    image = source if isinstance(source, str) else source["id"]
    motivations = [one for one in _list(annotation.get("motivation")) if isinstance(one, str)]
    created = annotation.get("created")
    return Item(
        place,
        image.partition("#")[0],
        {name: str(value) for name, value in finding.items()},
        motivation=motivations[0].removeprefix("oa:") if motivations else None,
        agent=_iri(annotation.get("creator")),
        created=created if isinstance(created, str) else None,
        generator=_iri(annotation.get("generator")),
        name=_iri(annotation.get("id")),
    )


def _foreign(annotation: Mapping[str, Any], target: Any) -> dict[str, str]:
    """What another tool said: a tag is the label of an object, a text the text, a concept the term."""
    region, told = _region(target), dict[str, str]()
    for body in _list(annotation.get("body")):
        text = body if isinstance(body, str) else body.get("value")
        purpose = None if isinstance(body, str) else body.get("purpose")
        if isinstance(body, dict) and (body.get("source") or body.get("id")) and text is None:
            told["term"] = _iri(body.get("source") or body["id"]) or ""
        elif isinstance(text, str) and purpose == "tagging" and "label" not in told:
            told["label"] = text
        elif isinstance(text, str) and "text" not in told:
            told["text"] = text
            if isinstance(body, dict) and isinstance(body.get("language"), str):
                told["language"] = body["language"]
    label = told.pop("label", None)
    if label is not None and "text" not in told:
        told["text"] = label
    where = {"region": region.text} if region else {}
    return {"kind": "object" if label is not None else "note", **where, **told}


def _region(target: Any) -> Region | None:
    if isinstance(target, str):
        return _of_fragment(target.partition("#")[2]) if "#xywh=" in target else None
    selectors = _list(target.get("selector"))
    for selector in selectors:
        if not isinstance(selector, dict):
            continue
        if selector.get("type") == "FragmentSelector":
            return _of_fragment(selector["value"])
        if selector.get("type") == "SvgSelector":
            return region_of_svg(selector["value"])
    if selectors:
        raise BadOutput("where it is, is told in a way that is not read here: use xywh=pixel: or SVG")
    return None


def _of_fragment(text: str) -> Region:
    value = text.removeprefix(_FRAGMENT)
    if value.startswith("percent:"):
        raise BadOutput("a place in percent needs the image's size; write it in pixels")
    return box_of([float(part) for part in value.removeprefix("pixel:").split(",")])


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _iri(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def write_w3c(items: Iterable[Item]) -> Written:
    """Items as an AnnotationPage; nothing is lost but the sizes of images."""
    listed = [_annotation(item) for item in items]
    page = {"@context": CONTEXT, "id": _uuid(listed), "type": "AnnotationPage", "items": listed}
    return Written((json.dumps(page, ensure_ascii=False, indent=1) + "\n").encode())


def _annotation(item: Item) -> dict[str, Any]:
    finding = item.finding
    region = parse_region(finding["region"]) if "region" in finding else None
    told: dict[str, Any] = {
        "type": "Annotation",
        "motivation": item.motivation or motivation_of(finding),
        "created": item.created,
        "creator": {"id": item.agent, "type": "Person"} if item.agent else None,
        "generator": {"id": item.generator, "type": "Software"} if item.generator else None,
        "body": bodies_of(finding),
        "target": target_of(_digest(item.image), region),
        **ours_of(finding),
    }
    kept = {name: value for name, value in told.items() if value is not None}
    return {"id": item.name or _uuid(kept), **kept}


def _digest(image: str) -> Digest:
    try:
        return Digest.parse(image)
    except HashstoreError as error:
        raise MalformedFile(
            f"Images are named by digest in a W3C annotation of ours, not {image!r}."
        ) from error


def _uuid(document: Any) -> str:
    """The same for the same content, so that a file that is written twice has the same bytes."""
    return uuid.uuid5(uuid.NAMESPACE_URL, canonical_json(document).decode()).urn
