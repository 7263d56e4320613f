"""Pure functions of bytes, computed once for each input: all worlds are made of the same few statements.

Nothing else is saved: the functions are the node's own, and their inputs are whole.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hashstore.canonical import Json, canonical_json
from provenance.errors import MalformedStatement, ProvenanceError
from provenance.keys import PublicKey, SigningKey
from provenance.statement.rdf import canonical_nquads

T = TypeVar("T")
_KNOWN: dict[tuple[str, Hashable], Any] = {}


def memo(what: str, of: Hashable, compute: Callable[[], T]) -> T:
    """The value of a pure function, from before if it is known."""
    place = (what, of)
    if place not in _KNOWN:
        _KNOWN[place] = compute()
    found: T = _KNOWN[place]
    return found


def canonical_rdf(document: Mapping[str, Json]) -> bytes:
    """`canonical_nquads`, its refusals too."""

    def compute() -> bytes | MalformedStatement:
        try:
            return canonical_nquads(document)
        except MalformedStatement as error:
            return error

    found = memo("rdf", canonical_json(document), compute)
    if isinstance(found, MalformedStatement):
        raise MalformedStatement(str(found))
    return found


# Where the node's code finds its pure functions of bytes.
_PURE = (
    "node.peers.ahead.changes_keys",
    "node.peers.ahead.decode_leaf",
    "node.peers.ahead.parse_statement",
    "node.peers.keys.parse_statement",
    "node.peers.step.changes_keys",
    "node.peers.step.examine_statement",
    "node.peers.step.parse_statement",
    "node.peers.step.signers_of",
    "node.peers.voided.decode_leaf",
    "provenance.key_history.parse_note",
    "provenance.key_history.read_log_description",
    "provenance.key_history.signers_of",
    "provenance.log.reader.open_checkpoint",
    "provenance.statement.signers.signers_of",
)


@contextmanager
def everything_once(*, anew: bool = False) -> Iterator[None]:
    """Let the node's pure functions, and Ed25519, judge each input once, and nothing run beside anything.

    Args:
        anew: Forget what was judged before, and after: the functions have been tampered with.
    """
    before = dict(_KNOWN)
    if anew:
        _KNOWN.clear()
    with pytest.MonkeyPatch.context() as patch:
        for name in _PURE:
            module, _, function = name.rpartition(".")
            patch.setattr(name, _once(function, getattr(importlib.import_module(module), function)))
        patch.setattr(SigningKey, "private", property(_private))
        patch.setattr(SigningKey, "public", property(_public))
        patch.setattr(PublicKey, "verify", _once("verify", PublicKey.verify))
        patch.setattr("node.peers.bring.ThreadPoolExecutor", _AtOnce)
        yield
    if anew:
        _KNOWN.clear()
        _KNOWN.update(before)


class _AtOnce(Executor):
    """Does what it is given before it goes on: a seed decides everything, and no thread is waited for."""

    def __init__(self, threads: int, thread_name_prefix: str) -> None:
        self._begun = 0

    def submit(self, task: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        self._begun += 1
        future: Future[T] = _Numbered(self._begun)
        try:
            future.set_result(task(*arguments, **named))
        except BaseException as error:
            future.set_exception(error)
        return future


class _Numbered(Future[T]):
    """A future that stands in sets by its number, not by where it lies in memory."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def __hash__(self) -> int:
        return self._number


def _private(key: SigningKey) -> Ed25519PrivateKey:
    return memo("private", key.seed, lambda: Ed25519PrivateKey.from_private_bytes(key.seed))


def _public(key: SigningKey) -> PublicKey:
    return memo("public", key.seed, lambda: PublicKey(key.private.public_key().public_bytes_raw()))


def _once(name: str, real: Callable[..., T]) -> Callable[..., T]:
    def computed(*arguments: Any) -> tuple[T | None, ProvenanceError | None]:
        try:
            return real(*arguments), None
        except ProvenanceError as error:
            return None, error

    def once(*arguments: Any) -> T:
        value, error = memo(name, arguments, lambda: computed(*arguments))
        if error is not None:
            raise type(error)(str(error))
        return cast("T", value)

    return once
