"""TopoJSON (the TopoJSON format specification, 1.0.0): shared borders as arcs, to polygons of shapely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
_LEAST = 4  # points of a ring; quantising leaves islets of fewer


def polygons(document: Mapping[str, Any], name: str) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Each polygon of an object, with the geometry object that it belongs to.

    Args:
        document: A quantised topology (`transform`, `arcs` in differences).
        name: Of the geometry collection among its `objects`.
    """
    import shapely

    arcs = _arcs(document)
    for geometry in document["objects"][name]["geometries"]:
        parts = {"MultiPolygon": geometry.get("arcs"), "Polygon": [geometry.get("arcs")]}
        for part in parts.get(geometry["type"]) or ():
            rings = [ring for indices in part if len(ring := _ring(arcs, indices)) >= _LEAST]
            if rings:
                holes = [shapely.linearrings(hole) for hole in rings[1:]]
                yield geometry, shapely.polygons(rings[0], holes or None)


def _arcs(document: Mapping[str, Any]) -> list[Points]:
    """Every arc in degrees: sums of differences, scaled and moved."""
    lengths = [len(arc) for arc in document["arcs"]]
    ends = np.cumsum(lengths)
    steps = np.array(list(chain.from_iterable(document["arcs"])), np.float64)
    sums = np.cumsum(steps, axis=0)
    before = np.concatenate([np.zeros((1, 2)), sums])[ends - lengths]
    scale, translate = (np.array(document["transform"][name]) for name in ("scale", "translate"))
    return np.split((sums - np.repeat(before, lengths, axis=0)) * scale + translate, ends[:-1])


def _ring(arcs: Sequence[Points], indices: Sequence[int]) -> Points:
    """Arcs one after the other; ~i is arc i backwards, and an arc begins where the one before ends."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
