"""The shape that every statement has, checked on plain JSON before any JSON-LD (spec/statements.md).

The rules leave one way to read a statement: no blank nodes, no numbers that languages print differently,
nothing that an RDF reader would drop, and all subjects below the statement's own IRI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from hashstore.canonical import Json
from provenance.contexts import CONTEXT
from provenance.errors import MalformedStatement

LARGEST_STATEMENT: Final = 1024 * 1024
_DEEPEST: Final = 16
_UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_FRAGMENT: Final = re.compile(r"#[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")

Document = Mapping[str, Json]


def check_document(document: Document) -> str:
    """Holds an unsigned statement to the rules of the profile.

    Args:
        document: the statement without its `proof`.

    Returns:
        The statement's IRI, `urn:uuid:...`.

    Raises:
        MalformedStatement: a rule is broken; the message gives the place.
    """
    if document.get("@context") != list(CONTEXT):
        raise MalformedStatement(f"A statement's @context is exactly {list(CONTEXT)}.")
    iri = document.get("id")
    if not isinstance(iri, str) or not _UUID.fullmatch(iri):
        raise MalformedStatement(f"A statement's id is urn:uuid: and a lower-case UUID, not {iri!r}.")
    if "type" not in document:
        raise MalformedStatement("A statement has a type.")
    body = {name: value for name, value in document.items() if name != "@context"}
    _check_node(body, iri, iri, set(), 1)
    return iri


def is_part_of(subject: str, statement: str) -> bool:
    """Whether a subject is the statement's IRI or a fragment of it; no other subject may occur."""
    return subject == statement or subject.startswith(f"{statement}#")


def _check_node(node: Document, where: str, statement: str, seen: set[str], depth: int) -> None:
    if depth > _DEEPEST:
        raise MalformedStatement(f"{where}: a statement is nested at most {_DEEPEST} levels deep.")
    name = node.get("id")
    if not isinstance(name, str) or not _is_own_name(name, statement):
        raise MalformedStatement(
            f"{where}: each object has an id, {statement} or a fragment of it; not {name!r}."
        )
    if name in seen:
        raise MalformedStatement(f"{where}: {name} is described twice.")
    seen.add(name)
    for term, value in node.items():
        if term.startswith("@") or not term or _CONTROL.search(term):
            raise MalformedStatement(f"{where}: {term!r} is not allowed as a term.")
        _check_value(value, f"{where} {term}", statement, seen, depth)


def _is_own_name(name: str, statement: str) -> bool:
    return name == statement or bool(
        name.startswith(statement) and _FRAGMENT.fullmatch(name.removeprefix(statement))
    )


def _check_value(value: Json, where: str, statement: str, seen: set[str], depth: int) -> None:
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise MalformedStatement(f"{where}: the text holds a control character.")
    elif isinstance(value, bool):
        return
    elif isinstance(value, Mapping):
        _check_node(value, where, statement, seen, depth + 1)
    elif isinstance(value, Sequence) and len(value) > 0:
        for item in value:
            if isinstance(item, Sequence) and not isinstance(item, str):
                raise MalformedStatement(f"{where}: a list holds no lists.")
            _check_value(item, where, statement, seen, depth)
    else:
        shown = "an empty list" if isinstance(value, Sequence) else f"the bare value {value!r}"
        raise MalformedStatement(
            f"{where}: {shown} cannot be kept in a graph; leave it out or write a string."
        )
