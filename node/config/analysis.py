"""`[analysis]` of node.toml: which analyzers are run over everything, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KNOWN = {"analyzers", "after_track", "back_fill"}


@dataclass(frozen=True, slots=True)
class AnalysisConfig:
    """The standing analyses of a node.

    Attributes:
        analyzers: Names of analyzers that every image is to be read by, in this order.
        after_track: Whether they are run when a source was tracked; else by `vasculum analyze` alone.
        back_fill: Whether the process that runs jobs begins by a back-fill: analyzers change with programs.
    """

    analyzers: tuple[str, ...] = ()
    after_track: bool = False
    back_fill: bool = False


def read_analysis(table: Mapping[str, Any], faults: list[str]) -> AnalysisConfig:
    """The section's values; what is wrong with them is added to `faults`."""
    faults.extend(
        f"analysis.{key}: no such setting; known are {', '.join(sorted(_KNOWN))}"
        for key in table
        if key not in _KNOWN
    )
    names = table.get("analyzers", [])
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        faults.append('analysis.analyzers: must be a list of names in quotes, such as ["image-facts"]')
        names = []
    return AnalysisConfig(tuple(names), *(_flag(table, key, faults) for key in ("after_track", "back_fill")))


def _flag(table: Mapping[str, Any], key: str, faults: list[str]) -> bool:
    value = table.get(key, False)
    if isinstance(value, bool):
        return value
    faults.append(f"analysis.{key}: must be true or false")
    return False
