"""Parameters: checked against what the analyzer declares, and made whole with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyzers.description import Description
from analyzers.errors import UnsuitableParameters
from hashstore.canonical import Json, canonical_json
from hashstore.errors import MalformedJson


def whole_parameters(description: Description, given: Mapping[str, Json]) -> dict[str, Json]:
    """The parameters of a run: those given, and the defaults of the others.

    Raises:
        UnsuitableParameters: One is unknown, of another type, or out of range; the message says which.
    """
    from jsonschema import Draft202012Validator

    schema: dict[str, Any] = {
        "type": "object",
        "properties": dict(description.parameters),
        "additionalProperties": False,
    }
    defaults = {name: one["default"] for name, one in description.parameters.items()}  # type: ignore[index,call-overload]
    whole = {**defaults, **{name: _typed(description, name, value) for name, value in given.items()}}
    error = next(Draft202012Validator(schema).iter_errors(whole), None)
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "parameters"
        raise UnsuitableParameters(
            f"{description.name}: {place}: {error.message}. "
            f"`vasculum analyzer show {description.name}` lists its parameters."
        )
    try:
        canonical_json(whole)
    except MalformedJson as refused:
        raise UnsuitableParameters(f"{description.name}: {refused}") from refused
    return whole


def _typed(description: Description, name: str, value: Json) -> Json:
    """A decimal is text; whoever writes `1` on a command line need not know that."""
    schema: Any = description.parameters.get(name, {})
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole and schema.get("type") == "string" else value
