"""The written form of an index: a head of JSON, then its arrays, one behind the other.

It is read by numpy alone, each array checked against what the recipe promises: faiss's own files are read by
C++ that believes what they say, and an index may come from a stranger.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import DamagedIndex
from analyzers.vectors.recipe import BYTES, FLAT, NUMBER_OF_LISTS, Recipe, read_recipe
from hashstore.canonical import Json, canonical_json, parse_canonical
from hashstore.errors import MalformedJson
from manifests.terms import VASCULUM

TYPE: Final = f"{VASCULUM}VectorIndex"
WIDEST: Final = 16_384
MOST: Final = 1 << 31
_STEP: Final = 64  # bytes; the arrays begin at a multiple, so that numbers lie where processors like them
_LONGEST_HEAD: Final = 1 << 16
Arrays = Mapping[str, npt.NDArray[Any]]
Shapes = dict[str, tuple[str, tuple[int, ...]]]


def shapes(recipe: Recipe) -> Shapes:
    """Type and shape of each array of an index, in their order."""
    count, width = recipe.count, recipe.width
    if recipe.method == FLAT:
        return {"vectors": ("<f4", (count, width))}
    coded: Shapes = {"ranges": ("<f4", (2, width)), "codes": ("|u1", (count, width))}
    if recipe.method == BYTES:
        return coded
    return {
        "centroids": ("<f4", (NUMBER_OF_LISTS, width)),
        "sizes": ("<i8", (NUMBER_OF_LISTS,)),
        "places": ("<i8", (count,)),
        **coded,
    }


def write_index(recipe: Recipe, arrays: Arrays) -> bytes:
    """The bytes of an index; its digest names it."""
    head = canonical_json({"type": TYPE, "recipe": recipe.document()})
    padding = b" " * (-(len(head) + 1) % _STEP)
    parts = [np.ascontiguousarray(arrays[name], type) for name, (type, _) in shapes(recipe).items()]
    return b"".join([head, padding, b"\n", *(part.tobytes() for part in parts)])


def read_index(data: bytes | memoryview) -> tuple[Recipe, Arrays]:
    """The recipe and the arrays that `write_index` wrote; the arrays are windows onto `data`.

    Raises:
        DamagedIndex: The bytes are no index, or hold other arrays than its recipe promises.
    """
    recipe, start = _head(data)
    if not 0 < recipe.width <= WIDEST or not 0 <= recipe.count <= MOST:
        raise DamagedIndex(f"An index of {recipe.count} vectors of {recipe.width} coordinates is not read.")
    found = {}
    for name, (type, shape) in shapes(recipe).items():
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(type).itemsize
        if start + size > len(data):
            raise DamagedIndex(f"An index ends within its {name}.")
        found[name] = np.frombuffer(data, type, size // np.dtype(type).itemsize, start).reshape(shape)
        start += size
    if start != len(data):
        raise DamagedIndex(f"An index has {len(data) - start} bytes behind its end.")
    _check(recipe, found)
    return recipe, MappingProxyType(found)


def _head(data: bytes | memoryview) -> tuple[Recipe, int]:
    line, end, _ = bytes(data[:_LONGEST_HEAD]).partition(b"\n")
    try:
        head: Json = parse_canonical(line.rstrip(b" "))
    except MalformedJson as error:
        raise DamagedIndex(f"The head of an index cannot be read: {error}") from error
    if not end or (len(line) + 1) % _STEP or not isinstance(head, dict) or head.get("type") != TYPE:
        raise DamagedIndex("These bytes are no index of vectors.")
    return read_recipe(head.get("recipe")), len(line) + 1


def _check(recipe: Recipe, arrays: Arrays) -> None:
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise DamagedIndex(f"The {name} of an index are not all numbers.")
    if "places" not in arrays:
        return
    sizes, places = arrays["sizes"], arrays["places"]
    if sizes.min(initial=0) < 0 or int(sizes.sum()) != recipe.count:
        raise DamagedIndex("The lists of an index do not hold as many vectors as it has.")
    if not np.array_equal(np.sort(places), np.arange(recipe.count)):
        raise DamagedIndex("The lists of an index do not hold each vector once.")
