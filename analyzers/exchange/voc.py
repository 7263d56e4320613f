"""Pascal VOC: boxes with names, an XML file for each image; here several of them in one document.

Source: the annotation files of the VOC challenges, whose pixels count from 1 and whose edges belong to a box.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final
from xml.etree import ElementTree

from analyzers.errors import AnalyzerError
from analyzers.exchange.model import Item, MalformedFile, Refused, Written
from analyzers.exchange.numbers import box_of
from analyzers.region import Box, parse_region

_EDGES: Final = ("xmin", "ymin", "xmax", "ymax")
_SAID: Final = frozenset({"kind", "region", "text"})


def read_voc(data: bytes) -> Iterator[Item | Refused]:
    """The objects of one `annotation`, or of several within one `annotations`.

    Raises:
        MalformedFile: it is none.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise MalformedFile(f"This is no XML, so no Pascal VOC: {error}") from error
    if root.tag not in ("annotation", "annotations"):
        raise MalformedFile(f"This is no Pascal VOC: it begins with <{root.tag}>, not <annotation>.")
    images = [root] if root.tag == "annotation" else root.findall("annotation")
    if len(root) and not images:
        # CVAT's own files begin with the same word, and would be taken for empty ones.
        raise MalformedFile("This is no Pascal VOC: there is no <annotation> within its <annotations>.")
    place = 0
    for image in images:
        for found in image.iterfind("object"):
            place += 1
            try:
                yield _item(place, image, found)
            except (AnalyzerError, ValueError) as error:
                yield Refused(place, "malformed", f"it is no object of Pascal VOC ({error})")


def _item(place: int, image: Any, found: Any) -> Item:
    left, top, right, bottom = (float(found.findtext(f"bndbox/{edge}", "")) for edge in _EDGES)
    box = box_of([left - 1, top - 1, right - left + 1, bottom - top + 1])
    name = found.findtext("name", "").strip()
    if not name:
        raise ValueError("it has no name")
    kind = found.findtext("kind")
    said = (
        {"kind": kind, **({"text": name} if name != kind else {})}
        if kind
        else {"kind": "object", "text": name}
    )
    sides = [image.findtext(f"size/{side}", "") for side in ("width", "height")]
    size = (int(sides[0]), int(sides[1])) if all(side.isdecimal() and int(side) for side in sides) else None
    return Item(place, image.findtext("filename", ""), {**said, "region": box.text}, size)


def write_voc(items: Iterable[Item]) -> Written:
    """Items as one XML document; only rectangles can be told."""
    root, lost = ElementTree.Element("annotations"), Counter[str]()
    for (name, size), group in groupby(items, key=lambda item: (item.image, item.size)):
        image = ElementTree.SubElement(root, "annotation")
        _text(image, "filename", name)
        if size is not None:
            sides = ElementTree.SubElement(image, "size")
            for side, pixels in zip(("width", "height", "depth"), (*size, 3), strict=True):
                _text(sides, side, str(pixels))
        for item in group:
            _object(image, item, lost)
    ElementTree.indent(root, " ")
    return Written(ElementTree.tostring(root, "utf-8", xml_declaration=True) + b"\n", dict(lost))


def _object(image: ElementTree.Element, item: Item, lost: Counter[str]) -> None:
    finding = item.finding
    region = parse_region(finding["region"]) if "region" in finding else None
    name = finding.get("text", finding["kind"])
    if not isinstance(region, Box) or name != name.strip() or not all(map(_in_xml, name)):
        lost["item"] += 1
        return
    lost.update(one for one in finding if one not in _SAID)
    lost.update(one for one in ("motivation", "agent", "created") if getattr(item, one) is not None)
    found = ElementTree.SubElement(image, "object")
    _text(found, "name", name)
    if finding["kind"] != "object" or "text" not in finding:
        _text(found, "kind", finding["kind"])
    box = ElementTree.SubElement(found, "bndbox")
    edges = (region.x + 1, region.y + 1, region.x + region.width, region.y + region.height)
    for edge, pixel in zip(_EDGES, edges, strict=True):
        _text(box, edge, str(pixel))


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _in_xml(letter: str) -> bool:
    """The characters that XML 1.0 has (section 2.2), but for controls."""
    code = ord(letter)
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
