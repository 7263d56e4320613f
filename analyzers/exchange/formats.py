"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analyzers.errors import AnalyzerError
from analyzers.exchange import coco, labelme, rows, voc, w3c
from analyzers.exchange.model import Item, Refused, Written


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        name: What it is called.
        about: What it says, in a sentence.
        read: Gives the items of a file, and those that are not to be read.
        write: Makes a file.
    """

    name: str
    about: str
    read: Callable[[bytes], Iterator[Item | Refused]]
    write: Callable[[Iterable[Item]], Written]


_ALL = (
    Format("w3c", "W3C Web Annotation, JSON-LD: everything.", w3c.read_w3c, w3c.write_w3c),
    Format(
        "coco", "COCO: boxes, polygons, masks, labels, scores, captions.", coco.read_coco, coco.write_coco
    ),
    Format("voc", "Pascal VOC: rectangles with names.", voc.read_voc, voc.write_voc),
    Format(
        "labelme",
        "LabelMe: rectangles, polygons, points, labels.",
        labelme.read_labelme,
        labelme.write_labelme,
    ),
    Format("csv", "Our own rows, with a header.", rows.read_csv, rows.write_csv),
    Format("jsonl", "Our own rows, an object a line.", rows.read_jsonl, rows.write_jsonl),
)
FORMATS: Mapping[str, Format] = MappingProxyType({one.name: one for one in _ALL})


def format_named(name: str) -> Format:
    """A format by its name.

    Raises:
        AnalyzerError: there is none.
    """
    try:
        return FORMATS[name]
    except KeyError:
        raise AnalyzerError(f"No format is called {name!r}; there are {', '.join(FORMATS)}.") from None
