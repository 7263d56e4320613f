"""What an analyzer declares, asked where it runs: nobody's code is imported to read its description."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analyzers.description_json import description_document
from hashstore.canonical import Json


def describe_unit(order: Mapping[str, Any]) -> dict[str, Json]:
    """The description of an analyzer, as a unit that any executor of this package runs.

    Args:
        order: `analyzer`, its name; `models`, for each name its `path`.

    Raises:
        UnknownAnalyzer: It is not to be found where this runs.
    """
    from analyzers.registry import analyzer_for

    models = {name: Path(one["path"]) for name, one in order["models"].items()}
    return description_document(analyzer_for(order["analyzer"], models).description)
