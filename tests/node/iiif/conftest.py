"""What a decoder answers, asked in this very process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.iiif.decode.job import look, render, written_plan
from node.iiif.plan import Limits, plan
from node.iiif.request import Version, read_request

Draw = Callable[..., Any]
MOST = 1 << 30


@pytest.fixture
def seen() -> Callable[[Path], dict[str, Any]]:
    """What is found out of a file."""
    return lambda path: look({"path": str(path), "most_pixels": MOST, "decoded": 4 << 20})


@pytest.fixture
def drawn(tmp_path: Path, seen: Callable[[Path], dict[str, Any]]) -> Draw:
    """Have a part of a file drawn: the file that was made, or the fault."""

    def draw(path: Path, asked: str = "full/max/0/default.png", pyramid: Path | None = None) -> Any:
        facts = seen(path)
        if "fault" in facts:
            return facts["fault"]
        width, height = facts["stored_width"], facts["stored_height"]
        if facts["orientation"] >= 5:
            width, height = height, width
        request = read_request(Version.THREE, *asked.split("/"))
        made = plan(request, width, height, Limits(16_383, 1 << 25))
        target = tmp_path / "out" / asked.replace("/", ";")
        order = {"path": str(path), "most_pixels": MOST, "plan": written_plan(made), "target": str(target)}
        if pyramid is not None:
            order |= {"pyramid": str(pyramid), "orientation": facts["orientation"]}
        answer = render(order)
        return answer.get("fault", target)

    return draw
