"""Whether an item of a file is taken, and if not, why. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from analyzers.check import check_findings
from analyzers.errors import AnalyzerError
from analyzers.exchange.model import Item, Refused
from analyzers.finding import Finding, read_finding
from analyzers.region import Box, Region, parse_region
from hashstore.digest import Digest

_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_SAME: Final = 0.9  # of the union of two rectangles: two drawings of one thing by one hand
_NUMBERS: Final = re.compile(r"\bits (?:value|uncertainty|confidence)\b|not finite")


@dataclass(frozen=True, slots=True)
class Taken:
    """An item that is taken.

    Attributes:
        item: The item.
        image: What it is about.
        finding: What it says.
    """

    item: Item
    image: Digest
    finding: Finding


@dataclass(slots=True)
class Judge:
    """Judges items one after another, and remembers them to notice duplicates.

    Attributes:
        image_of: The digest of an image by the name that a file gives it.
        sizes: Width and height of the public images that may be spoken of.
        labels: The labels that there may be: kinds, and texts of objects; empty for any.
        said: What was said before, by image: who said it, and what, by the members of a finding.
    """

    image_of: Callable[[str], Digest | None]
    sizes: Mapping[Digest, tuple[int, int]]
    labels: Collection[str] = ()
    said: dict[Digest, list[tuple[str, Mapping[str, str]]]] = field(default_factory=lambda: defaultdict(list))

    def judge(self, items: Iterable[Item | Refused]) -> Iterator[Taken | Refused]:
        """Say of each item whether it is taken."""
        for item in items:
            if isinstance(item, Refused):
                yield item
                continue
            try:
                taken = self._taken(item)
            except _Unfit as error:
                yield Refused(item.place, error.reason, str(error))
            else:
                self.said[taken.image].append((_who(item), item.finding))
                yield taken

    def _taken(self, item: Item) -> Taken:
        image = self.image_of(item.image)
        size = self.sizes.get(image) if image else None
        if image is None or size is None:
            raise _Unfit(
                "image-unknown", f"{item.image!r} is no public image of this node whose size is known"
            )
        if item.size is not None and tuple(item.size) != size:
            raise _Unfit(
                "size-differs",
                f"the file gives the image {item.size[0]} x {item.size[1]} pixels, but upright it has "
                f"{size[0]} x {size[1]}: its places would be wrong",
            )
        self._check_label(item)
        finding = _finding(item, size)
        for who, other in self.said.get(image, ()):
            if who == _who(item) and same(item.finding, other):
                raise _Unfit("duplicate", "the same was said of the same place by the same before")
        return Taken(item, image, finding)

    def _check_label(self, item: Item) -> None:
        kind, text = item.finding["kind"], item.finding.get("text")
        if not _KIND.fullmatch(kind):
            raise _Unfit("label-unknown", f"{kind!r} is no kind: a-z, 0-9 and -, a letter first, at most 64")
        label = text if kind == "object" and text else kind
        if self.labels and label not in self.labels:
            raise _Unfit("label-unknown", f"{label!r} is none of the labels that were given")


class _Unfit(Exception):
    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


def same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two findings say the same of nearly the same place, by the rectangles around them."""
    told = [{n: v for n, v in found.items() if n not in ("region", "confidence")} for found in (one, other)]
    return told[0] == told[1] and overlap(one.get("region"), other.get("region")) >= _SAME


def overlap(one: str | None, other: str | None) -> float:
    """How much two regions have in common: of their rectangles, intersection over union, 0 to 1."""
    if one is None or other is None or one == other:
        return float(one == other)
    first, second = (_bounds(parse_region(text)) for text in (one, other))
    if first is None or second is None:
        return 0.0
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    common = max(0, width) * max(0, height)
    return common / (first.width * first.height + second.width * second.height - common)


def _bounds(region: Region) -> Box | None:
    return region.bounds


def _who(item: Item) -> str:
    return item.agent or ""


def _finding(item: Item, size: tuple[int, int]) -> Finding:
    try:
        finding = read_finding(dict(item.finding))
        check_findings([finding], {finding.kind: ""}, size)
    except AnalyzerError as error:
        words = str(error)
        if "outside the picture" in words:
            raise _Unfit("region-outside", words) from error
        raise _Unfit("not-a-number" if _NUMBERS.search(words) else "malformed", words) from error
    except (TypeError, ValueError) as error:
        raise _Unfit("malformed", f"it is no finding ({error})") from error
    return finding
