"""`analyzer new` and `analyzer try` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analyzers.skeleton.write import drawn

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def test_the_command_writes_tells_and_does_not_overwrite(tmp_path: Path, vasculum: Vasculum) -> None:
    folder = tmp_path / "leaf"
    made = vasculum("--json", "analyzer", "new", "leaf-count", "--task", "detect", "--in", folder)
    assert made.code == 0
    assert made.summary["files"] == len(made.of("file")) == 9
    assert vasculum("analyzer", "new", "leaf-count", "--in", folder).code == 1
    assert vasculum("analyzer", "new", "leaf-count", "--task", "knit").code == 2


def test_an_analyzer_is_tried_on_a_file(tmp_path: Path, vasculum: Vasculum) -> None:
    picture = tmp_path / "drawn.png"
    picture.write_bytes(drawn())
    said = vasculum("--json", "analyzer", "try", "image-facts", picture)
    assert said.code == 0
    assert {one["kind"]: one.get("value") for one in said.of("finding")}["width"] == "200"
    picture.write_bytes(b"no picture")
    assert vasculum("--json", "analyzer", "try", "image-facts", picture).summary["fault"] == "no-image"
