"""Makes an index out of vectors, in the same bytes on every node that has the same ones.

What is learned from the vectors (where lists have their centres, which range each coordinate has) is learned
by one thread from a sample that is not drawn but counted out, and begins from a fixed seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from analyzers.errors import AnalyzerError, BadOutput
from analyzers.output import Input
from analyzers.vectors.file import WIDEST, Arrays, write_index
from analyzers.vectors.members import Members, line_of
from analyzers.vectors.recipe import ENVIRONMENT, FLAT, LISTS, NUMBER_OF_LISTS, Recipe, method_for
from hashstore.digest import Digest

Vectors: TypeAlias = npt.NDArray[np.float32]  # a row for each member
_SAMPLE: Final = 65_536
_ROUNDS, _SEED = 10, 1234
_AT_ONCE: Final = 16_384


def arranged(rows: Iterable[tuple[Input, bytes]]) -> tuple[Members, Vectors]:
    """Members and vectors as `build_index` takes them, of rows in any order.

    Args:
        rows: Inputs and what an analyzer made of each (`Finding.vector`); the same row may come twice.

    Raises:
        BadOutput: One input has two different vectors, or vectors are not all of one width.
    """
    found: dict[bytes, bytes] = {}
    for input, vector in rows:
        line = line_of(input)
        if found.setdefault(line, vector) != vector:
            raise BadOutput(f"{line.decode()} has two different vectors of one analyzer")
    lines = tuple(sorted(found))
    if len({len(vector) for vector in found.values()}) > 1:
        raise BadOutput("vectors of one index have one width")
    flat = np.frombuffer(b"".join(found[line] for line in lines), "<f4")
    return Members(lines), flat.reshape(len(lines), -1) if lines else flat.reshape(0, 1)


def build_index(analyzer: Digest, parameters: Digest, kind: str, members: Members, vectors: Vectors) -> bytes:
    """The bytes of an index; `search.open_index` reads them.

    Args:
        analyzer: The identity of the analyzer that made the vectors.
        parameters: The digest of its parameters.
        kind: Which of its findings they are.
        members: Of which pictures and regions.
        vectors: A row for each member, in their order, each of length 1; may lie on disk (`numpy.memmap`).

    Raises:
        AnalyzerError: There is not one vector for each member, or they have no length.
    """
    count, width = vectors.shape
    if count != len(members) or not 0 < width <= WIDEST:
        raise AnalyzerError(f"There are {len(members):,} members, and {count:,} vectors of {width:,}.")
    found = MappingProxyType({name: version(name) for name in ENVIRONMENT})
    recipe = Recipe(analyzer, parameters, kind, members.root, count, width, method_for(count), found)
    return write_index(recipe, _arrays(recipe, vectors))


def _arrays(recipe: Recipe, vectors: Vectors) -> Arrays:
    if recipe.method == FLAT:
        return {"vectors": vectors}
    with _one_thread():
        return _sorted_into_lists(recipe, vectors) if recipe.method == LISTS else _coded(recipe, vectors)


def _coded(recipe: Recipe, vectors: Vectors) -> Arrays:
    import faiss

    index = faiss.IndexScalarQuantizer(
        recipe.width, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    _fill(index, vectors)
    codes = faiss.vector_to_array(index.codes).reshape(recipe.count, recipe.width)
    return {"ranges": _ranges(index), "codes": codes}


def _sorted_into_lists(recipe: Recipe, vectors: Vectors) -> Arrays:
    import faiss
    from faiss.contrib import inspect_tools

    index = empty_lists(faiss.IndexFlatIP(recipe.width), recipe.width)
    index.cp.niter, index.cp.seed = _ROUNDS, _SEED
    _fill(index, vectors)
    lists = [inspect_tools.get_invlist(index.invlists, number) for number in range(NUMBER_OF_LISTS)]
    return {
        "centroids": inspect_tools.get_flat_data(faiss.downcast_index(index.quantizer)),
        "sizes": np.array([len(places) for places, _ in lists]),
        "places": np.concatenate([places for places, _ in lists]),
        "ranges": _ranges(index),
        "codes": np.concatenate([codes.reshape(-1, recipe.width) for _, codes in lists]),
    }


def empty_lists(centres: Any, width: int) -> Any:
    """An index of lists without vectors, as faiss has it; the centres may come later."""
    import faiss

    kind = faiss.ScalarQuantizer.QT_8bit
    return faiss.IndexIVFScalarQuantizer(centres, width, NUMBER_OF_LISTS, kind, faiss.METRIC_INNER_PRODUCT)


def _fill(index: Any, vectors: Vectors) -> None:
    places = np.linspace(0, len(vectors) - 1, min(len(vectors), _SAMPLE)).astype(np.int64)
    index.train(np.ascontiguousarray(vectors[places], np.float32))
    for start in range(0, len(vectors), _AT_ONCE):
        index.add(np.ascontiguousarray(vectors[start : start + _AT_ONCE], np.float32))


def _ranges(index: Any) -> npt.NDArray[np.float32]:
    """For each coordinate its least value, and how far the greatest is from it."""
    import faiss

    learned: npt.NDArray[np.float32] = faiss.vector_to_array(index.sq.trained)
    return learned.reshape(2, -1)


@contextmanager
def _one_thread() -> Iterator[None]:
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
