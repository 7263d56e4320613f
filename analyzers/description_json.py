"""What an analyzer declares, as JSON: so it comes out of a sandbox, and stands in a bundle's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from analyzers.description import Description, Determinism, InputKind, ModelFile, Needs, Task
from analyzers.errors import AnalyzerError
from hashstore.canonical import Json
from hashstore.digest import Digest
from hashstore.errors import MalformedDigest

_TEXT: Final = {"type": "string", "maxLength": 1000}
_NAME: Final = {"type": "string", "pattern": "^[a-z0-9-]{1,80}$"}
_DIGEST: Final = {"type": "string", "pattern": "^hash://sha256/[0-9a-f]{64}$"}
_PLAIN: Final = {"type": ["string", "integer", "boolean"]}
# Of JSON Schema as much as cannot be made to run for long: no patterns, no references, no nesting.
_PARAMETER: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "default"],
    "properties": {
        "type": {"enum": ["string", "integer", "boolean"]},
        "default": _PLAIN,
        "description": _TEXT,
        "minimum": {"type": "integer"},
        "maximum": {"type": "integer"},
        "minLength": {"type": "integer"},
        "maxLength": {"type": "integer"},
        "enum": {"type": "array", "items": _PLAIN, "minItems": 1, "maxItems": 1000},
    },
}
_LEAST_MEMORY, _MOST_MEMORY, _MOST_SECONDS = 256 << 20, 64 << 30, 3600.0

DESCRIPTION: Final = MappingProxyType[str, Any](
    {
        "name": _NAME,
        "version": {"type": "string", "maxLength": 40},
        "task": {"enum": [task.value for task in Task]},
        "about": {**_TEXT, "minLength": 1},
        "kinds": {
            "type": "object",
            "propertyNames": _NAME,
            "additionalProperties": _TEXT,
            "maxProperties": 200,
        },
        "inputs": {
            "type": "array",
            "items": {"enum": [kind.value for kind in InputKind]},
            "minItems": 1,
            "uniqueItems": True,
        },
        "parameters": {
            "type": "object",
            "propertyNames": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,79}$"},
            "additionalProperties": _PARAMETER,
            "maxProperties": 100,
        },
        "models": {
            "type": "object",
            "propertyNames": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"},
            "additionalProperties": _DIGEST,
            "maxProperties": 100,
        },
        "determinism": {
            "type": "string",
            "pattern": r"^(bitwise|tolerance\((0|[1-9][0-9]{0,5})(\.[0-9]{1,12})?\))$",
        },
        "memory": {"type": "integer", "minimum": _LEAST_MEMORY, "maximum": _MOST_MEMORY},
        "seconds": {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,3})?$"},
        "packages": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
            "maxItems": 100,
        },
        "license": {"type": "string", "minLength": 1, "maxLength": 200},
        "citation": _TEXT,
    }
)
"""The members of the document, each by its JSON Schema (2020-12); all of them are there."""


def description_document(description: Description) -> dict[str, Json]:
    """What an analyzer declares, as JSON."""
    return {
        "name": description.name,
        "version": description.version,
        "task": description.task.value,
        "about": description.about,
        "kinds": dict(description.kinds),
        "inputs": [kind.value for kind in description.inputs],
        "parameters": {name: dict(one) for name, one in description.parameters.items()},  # type: ignore[arg-type]
        "models": {model.name: model.digest.uri for model in description.models},
        "determinism": description.determinism.text,
        "memory": description.needs.memory,
        "seconds": f"{description.needs.seconds:.3f}".rstrip("0").rstrip("."),
        "packages": list(description.environment),
        "license": description.license,
        "citation": description.citation,
    }


def read_description(document: Mapping[str, Any]) -> Description:
    """The description that `description_document` wrote, whoever sent it.

    Raises:
        AnalyzerError: A member is missing, or is not as it must be; the message says which.
    """
    check_document(document, DESCRIPTION, "description")
    text = str(document["determinism"])
    seconds = float(document["seconds"])
    if not 0 < seconds <= _MOST_SECONDS:
        raise AnalyzerError(f"The description says {seconds:g} seconds; at most an hour is for one picture.")
    try:
        models = tuple(ModelFile(name, Digest.parse(one)) for name, one in document["models"].items())
    except MalformedDigest as error:
        raise AnalyzerError(f"The description names a model by no digest: {error}") from error
    return Description(
        name=document["name"],
        version=document["version"],
        task=Task(document["task"]),
        about=document["about"],
        kinds=MappingProxyType(dict(document["kinds"])),
        inputs=tuple(InputKind(kind) for kind in document["inputs"]),
        parameters=MappingProxyType(dict(document["parameters"])),
        models=models,
        determinism=Determinism(text[len("tolerance(") : -1] if text != "bitwise" else None),
        needs=Needs(document["memory"], seconds),
        environment=tuple(document["packages"]),
        license=document["license"],
        citation=document["citation"],
    )


def check_document(document: Any, members: Mapping[str, Any], what: str) -> None:
    """Hold a document to the schemas of its members, all of which it has, and no others.

    Raises:
        AnalyzerError: It is another; the message says where.
    """
    from jsonschema import Draft202012Validator

    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": list(members),
        "properties": dict(members),
    }
    error = next(Draft202012Validator(schema).iter_errors(document), None)
    if error is not None:
        place = ".".join(map(str, error.absolute_path))[:200] or f"the {what}"
        raise AnalyzerError(f"The {what} is not as it must be: {place}: {error.message[:300]}")
