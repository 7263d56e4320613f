"""The golden vectors of backups are those that their generator prints, and we agree with them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.backup.errors import DamagedBackup
from node.backup.listing import read_list
from node.backup.manifest import read_manifest
from node.backup.place import manifest_name

SPEC = Path(__file__).resolve().parents[3] / "spec" / "vectors"
VECTORS: dict[str, Any] = json.loads((SPEC / "backup.json").read_text("utf-8"))


def test_the_generator_prints_what_is_committed() -> None:
    command = [sys.executable, "-X", "utf8", "-I", str(SPEC / "generate_backup.py")]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    assert printed == (SPEC / "backup.json").read_bytes()


def test_a_manifest_is_read_and_printed_as_the_vectors_say() -> None:
    data = VECTORS["canonical"].encode()
    assert canonical_json(VECTORS["manifest"]) == data
    manifest = read_manifest(data, "the vectors")
    assert manifest.encode() == data
    assert Digest.of(data).uri == VECTORS["digest"]
    assert manifest_name(manifest, data) == VECTORS["name"]
    assert manifest.blobs.digest == Digest.of(VECTORS["list"].encode())


def test_a_list_is_read_and_printed_as_the_vectors_say() -> None:
    listed = list(read_list(io.BytesIO(VECTORS["list"].encode()), "the vectors"))
    assert "".join(one.encode().decode() for one in listed) == VECTORS["list"]
    assert len(listed) == VECTORS["manifest"]["blobs"]["count"]
    assert sum(one.size for one in listed if one.where != "archive") == VECTORS["manifest"]["blobs"]["bytes"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: str(case["why"]))
def test_manifests_of_another_form_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(DamagedBackup):
        read_manifest(canonical_json(case["manifest"]), "the vectors")


@pytest.mark.parametrize("case", VECTORS["refusedLists"], ids=lambda case: str(case["why"]))
def test_lists_of_another_form_are_refused(case: dict[str, str]) -> None:
    with pytest.raises(DamagedBackup):
        list(read_list(io.BytesIO(case["list"].encode()), "the vectors"))
