"""The vectors of pipelines.md hold, and the example of its page is the one that is shipped."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

from analyzers.pipeline.document import read_pipeline
from analyzers.pipeline.errors import PipelineRefused
from analyzers.pipeline.graph import check_pipeline
from analyzers.registry import find_analyzer


@pytest.fixture(scope="module")
def vectors(project_root: Path) -> dict[str, Any]:
    path = project_root / "spec" / "vectors" / "pipelines.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_made_anew_the_vectors_are_the_same(project_root: Path, vectors: dict[str, Any]) -> None:
    path = project_root / "spec" / "vectors" / "generate_pipelines.py"
    spec = importlib.util.spec_from_file_location("generate_pipelines", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.vectors() == vectors


def test_files_say_and_are_refused_as_the_vectors_tell(vectors: dict[str, Any]) -> None:
    for one in vectors["files"]:
        data = one["text"].encode()
        assert read_pipeline(data, "file").source.value == one["value"]
        assert one["digest"] == f"hash://sha256/{hashlib.sha256(data).hexdigest()}"
    for one in vectors["refused"]:
        with pytest.raises(PipelineRefused, match=f"^file, line {one['line']}"):
            read_pipeline(one["text"].encode(), "file")


def test_the_example_of_the_page_is_the_file_that_is_shipped_and_can_be_run(project_root: Path) -> None:
    shipped = (project_root / "docs" / "pipelines" / "read-labels.yaml").read_bytes()
    page = (project_root / "spec" / "pipelines.md").read_text("utf-8")
    shown = re.search(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert shown is not None
    assert shown[1].encode() == shipped
    checked = check_pipeline(
        read_pipeline(shipped, "read-labels.yaml"), lambda name: find_analyzer(name).description
    )
    assert not checked.notes
