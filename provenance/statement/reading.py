"""Taking typed members out of a statement: whatever is missing or garbled is one kind of error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from provenance.errors import MalformedKey, MalformedStatement
from provenance.statement.statement import Statement


@contextmanager
def reading(statement: Statement, kind: str) -> Iterator[None]:
    """Read a statement of one kind within the block.

    Raises:
        MalformedStatement: it is of another kind, or the block met something missing or garbled.
    """
    if kind not in statement.types:
        raise MalformedStatement(f"{statement.iri} is no {kind} but a {statement.kind}.")
    try:
        yield
    except (LookupError, ValueError, TypeError, MalformedKey, HashstoreError) as error:
        raise MalformedStatement(f"The {kind} {statement.iri} lacks or garbles {error}.") from error


def text_of(node: Mapping[str, Any], name: str) -> str:
    """A member that is one text.

    Raises:
        KeyError: there is none.
        ValueError: it is something else.
    """
    value = node[name]
    if not isinstance(value, str):
        raise ValueError(f"{name}, which must be one text")
    return value


def time_of(node: Mapping[str, Any], name: str) -> datetime:
    """A member that is a time with a time zone, within the years of UTC that there are."""
    text = text_of(node, name)
    try:
        found = datetime.fromisoformat(text)
        found.astimezone(UTC)  # in the years 1 and 9999, the zone can lead out of them
    except (ValueError, OverflowError):
        raise ValueError(f"{name}, which must be a time") from None
    if found.tzinfo is None:
        raise ValueError(f"{name}, which must have a time zone")
    return found


def count_of(node: Mapping[str, Any], name: str) -> int:
    """A member that is a count, written as a text."""
    text = text_of(node, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise ValueError(f"{name}, which must be a count")
    return int(text)


def digest_of(node: Mapping[str, Any], name: str) -> Digest:
    """A member that is `hash://sha256/...`, in this one form."""
    text = text_of(node, name)
    if (found := Digest.parse(text)).uri != text:
        raise ValueError(f"{name}, which must be hash://sha256/<hex>")
    return found


def digests_of(node: Mapping[str, Any], name: str) -> tuple[Digest, ...]:
    """A member that is a list of digests, one alone, or absent."""
    value = node.get(name, [])
    return tuple(Digest.parse(one) for one in ([value] if isinstance(value, str) else value))


def nodes_of(node: Mapping[str, Any], name: str) -> tuple[dict[str, Any], ...]:
    """A member that is a list of objects, or one alone."""
    value = node[name]
    listed = [value] if isinstance(value, Mapping) else value
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise ValueError(f"{name}, which must be a list of objects")
    return tuple(dict(one) for one in listed)
