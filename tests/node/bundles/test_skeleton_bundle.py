"""What `analyzer new` writes is a project that can be packed as it is, and passes its test in the sandbox."""

from __future__ import annotations

from pathlib import Path

from analyzers.description import Task
from analyzers.skeleton.write import skeleton
from node.bundles.pack import pack


def test_a_new_analyzer_can_be_handed_in_as_it_is(sandbox: None, tmp_path: Path) -> None:
    for path, data in skeleton("leaf-parts", Task.SEGMENT, "A. Gray", 2026, "0.1.0").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    packed = pack(tmp_path)
    (trial,) = packed.bundle.trials
    assert b'"dark-part"' in packed.parts[trial.expected]
    assert packed.bundle.description.license == "MIT"
