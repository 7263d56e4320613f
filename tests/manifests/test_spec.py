"""The example that opens the specification of segments is true."""

import json
import re
from pathlib import Path

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.merkle import leaf_hash, merkle_root
from manifests.tables import SPECIMEN

SPEC = Path(__file__).parents[2] / "spec" / "segments.md"


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    return re.findall(r"```\n(.*?)```", SPEC.read_text(encoding="utf-8"), re.DOTALL)


def test_the_examples_rows_are_canonical_and_have_the_hashes_that_are_told(blocks: list[str]) -> None:
    rows = [row.replace("\n", "").encode() for row in blocks[0].strip().split("\n\n")]
    for row in rows:
        assert canonical_json(json.loads(row)) == row
        assert json.loads(row).keys() <= set(SPECIMEN.names)
    hashes = [leaf_hash(row) for row in rows]
    assert blocks[1].split() == [leaf.hex() for leaf in hashes]
    described = dict(line.split() for line in blocks[2].strip().splitlines())
    assert described["rowsRoot"] == Digest(merkle_root(hashes)).uri
    assert described["schema"] == SPECIMEN.digest.uri
    assert described["rows"] == str(len(rows))


def test_every_vector_file_that_is_named_is_there() -> None:
    named = re.findall(r"`vectors/([\w.]+)`", SPEC.read_text(encoding="utf-8"))
    assert named
    for name in named:
        assert (SPEC.parent / "vectors" / name).is_file()
