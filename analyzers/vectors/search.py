"""Searching an index: what points nearest to a vector, among all members or among some of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import AnalyzerError, DamagedIndex
from analyzers.output import Input
from analyzers.vectors.build import empty_lists
from analyzers.vectors.file import Arrays, read_index
from analyzers.vectors.members import Members, Places
from analyzers.vectors.recipe import BYTES, FLAT, LISTS, NUMBER_OF_LISTS, Recipe

MOST_HITS: Final = 1_000
_PROBES: Final = 96  # lists; measured on a million vectors: what is nearest is found 96 times in 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One member that a search found.

    Attributes:
        input: The picture, or the region of one.
        score: The cosine of the angle between both vectors: 1 for the same. It may be off by a hundredth
            where coordinates are kept in a byte each.
    """

    input: Input
    score: float


class VectorIndex:
    """An index that is ready to be searched.

    Args:
        recipe: What it is made of.
        arrays: Its contents.
        members: What it has vectors of.
    """

    def __init__(self, recipe: Recipe, arrays: Arrays, members: Members) -> None:
        self.recipe, self.members = recipe, members
        self._index = _MAKERS[recipe.method](recipe, arrays)

    def search(self, vector: npt.NDArray[np.float32], count: int, among: Places | None = None) -> list[Hit]:
        """The members whose vectors point nearest to a vector, the nearest first.

        Args:
            vector: As the index's analyzer makes them.
            count: How many at most.
            among: Places of the members that may be found (`Members.places`); None for all.

        Raises:
            AnalyzerError: The vector is of another width, or the count out of range.
        """
        if vector.shape != (self.recipe.width,) or not np.isfinite(vector).all():
            raise AnalyzerError(f"The index holds vectors of {self.recipe.width} finite coordinates.")
        if not 0 < count <= MOST_HITS:
            raise AnalyzerError(f"A search finds 1 to {MOST_HITS:,}, not {count:,}.")
        if not self.recipe.count or (among is not None and not len(among)):
            return []
        query = np.ascontiguousarray(vector[None], np.float32)
        scores, places = self._index.search(query, count, params=self._how(among))
        found = zip(scores[0].tolist(), places[0].tolist(), strict=True)
        return [Hit(self.members[place], score) for score, place in found if place >= 0]

    def _how(self, among: Places | None) -> Any:
        import faiss

        chosen = None if among is None else faiss.IDSelectorBitmap(_bits(among, self.recipe.count))
        if self.recipe.method != LISTS:
            return faiss.SearchParameters(sel=chosen)
        # The fewer of a list may be found, the more lists are looked into. Passing over a member costs, too:
        # with this power filtered searches take at most three times as long, and find as much.
        share = 1.0 if among is None else len(among) / self.recipe.count
        probes = min(NUMBER_OF_LISTS, math.ceil(_PROBES * share**-0.4))
        return faiss.SearchParametersIVF(sel=chosen, nprobe=probes)


def open_index(data: bytes | memoryview, members: Members) -> VectorIndex:
    """Make an index ready. Its bytes may be anyone's; the vectors in it are believed.

    Raises:
        DamagedIndex: The bytes are no index, or one of other members.
    """
    recipe, arrays = read_index(data)
    if recipe.members != members.root or recipe.count != len(members):
        raise DamagedIndex(f"The index is one of the members {recipe.members.uri}, not {members.root.uri}.")
    return VectorIndex(recipe, arrays, members)


def _flat(recipe: Recipe, arrays: Arrays) -> Any:
    import faiss

    index = faiss.IndexFlatIP(recipe.width)
    index.add(np.ascontiguousarray(arrays["vectors"]))
    return index


def _coded(recipe: Recipe, arrays: Arrays) -> Any:
    import faiss

    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexScalarQuantizer(recipe.width, kind, faiss.METRIC_INNER_PRODUCT)
    faiss.copy_array_to_vector(arrays["ranges"].reshape(-1), index.sq.trained)
    faiss.copy_array_to_vector(arrays["codes"].reshape(-1), index.codes)
    index.is_trained, index.ntotal = True, recipe.count
    return index


def _lists(recipe: Recipe, arrays: Arrays) -> Any:
    import faiss

    centres = faiss.IndexFlatIP(recipe.width)
    centres.add(np.ascontiguousarray(arrays["centroids"]))
    index = empty_lists(centres, recipe.width)
    faiss.copy_array_to_vector(arrays["ranges"].reshape(-1), index.sq.trained)
    starts = np.concatenate([[0], np.cumsum(arrays["sizes"])]).tolist()
    for number in range(NUMBER_OF_LISTS):
        part = slice(starts[number], starts[number + 1])
        places, codes = arrays["places"][part].copy(), arrays["codes"][part]
        if len(places):
            index.invlists.add_entries(number, len(places), faiss.swig_ptr(places), faiss.swig_ptr(codes))
    index.is_trained, index.ntotal = True, recipe.count
    return index


_MAKERS: Final = {FLAT: _flat, BYTES: _coded, LISTS: _lists}


def _bits(places: Places, count: int) -> npt.NDArray[np.uint8]:
    chosen = np.zeros(count, np.bool_)
    chosen[places] = True
    return np.packbits(chosen, bitorder="little")
