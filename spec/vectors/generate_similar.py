"""Write the vectors of indexes of vectors: `python spec/vectors/generate_similar.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from analyzers.output import Input
from analyzers.region import Box
from analyzers.vectors.file import Arrays, write_index
from analyzers.vectors.members import Members, members_of
from analyzers.vectors.recipe import BYTES, FLAT, Recipe
from hashstore.digest import Digest

_FIRST, _SECOND = Digest.of(b"first picture"), Digest.of(b"second picture")
_INPUTS = (Input(_SECOND), Input(_FIRST, Box(10, 20, 300, 400)), Input(_FIRST))
_ARRAYS: dict[str, Arrays] = {
    FLAT: {"vectors": np.array([[1, 0], [0, 1], [-1, 0]], np.float32)},
    BYTES: {
        "ranges": np.array([[-1, 0], [2, 1]], np.float32),
        "codes": np.array([[255, 0], [127, 255], [0, 0]], np.uint8),
    },
}


def recipe(method: str, members: Members) -> Recipe:
    """A recipe of an analyzer that never was."""
    found = {"faiss-cpu": "1.15.1", "numpy": "2.4.6"}
    analyzer, parameters = Digest.of(b"analyzer"), Digest.of(b"{}")
    return Recipe(analyzer, parameters, "embedding", members.root, len(members), 2, method, found)


def vectors() -> Any:
    """Everything that the file holds."""
    members = members_of(_INPUTS)
    indexes = []
    for method, arrays in _ARRAYS.items():
        made = recipe(method, members)
        data = write_index(made, arrays)
        told = {"method": method, "recipe": made.document(), "recipeDigest": made.digest.uri}
        indexes.append({**told, "file": data.hex(), "digest": Digest.of(data).uri})
    about = "The list of an index's members, and two indexes of them, as bytes in hex."
    listed = {"lines": [line.decode() for line in members.lines], "root": members.root.uri}
    return {"description": about, "members": listed, "indexes": indexes}


def main() -> None:
    """Write the file beside this program."""
    text = json.dumps(vectors(), indent=1) + "\n"
    Path(__file__).with_name("similar.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
