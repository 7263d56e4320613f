"""Plants as they lie on a sheet: one function for each habit draws the species it is named after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from node.museum.sheets.brush import Brush
from node.museum.sheets.plants import herbs, lowly, meadow, woody

Habit = Callable[[Brush, Random], None]

HABITS: Mapping[str, Habit] = MappingProxyType(
    {
        "daisy": meadow.daisy,
        "poppy": meadow.poppy,
        "bellflower": meadow.bellflower,
        "buttercup": meadow.buttercup,
        "clover": meadow.clover,
        "foxglove": herbs.foxglove,
        "lily": herbs.lily,
        "orchid": herbs.orchid,
        "gentian": herbs.gentian,
        "oak": woody.oak,
        "birch": woody.birch,
        "rose": woody.rose,
        "bilberry": woody.bilberry,
        "ginkgo": woody.ginkgo,
        "fern": lowly.fern,
        "grass": lowly.grass,
        "wrack": lowly.wrack,
    }
)
"""Each draws into the middle of a sheet: x from 180 to 1020, y from 240 to 1330, in picture pixels."""
