"""How long each key of a log was active: what `provenance.key_history` is made of."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.keys import PublicKey


@dataclass(frozen=True, slots=True)
class KeySpan:
    """How long a key was active.

    Attributes:
        key: the key.
        start: the first leaf (for a log key, the first tree size) that it may sign.
        void_from: the first one at which its signature counts no more, once it was revoked.
        committed: whether it was committed to before it was used; the first key of a log never is.
    """

    key: PublicKey
    start: int
    void_from: int | None = None
    committed: bool = False


def span_at(spans: tuple[KeySpan, ...], place: int) -> KeySpan:
    """The span in which a place (a leaf, or a tree size) lies."""
    return next(span for span in reversed(spans) if span.start <= place or span is spans[0])


def counts_at(spans: tuple[KeySpan, ...], key: PublicKey, place: int) -> bool:
    """Whether a key was active at a place and not revoked by then."""
    span = span_at(spans, place)
    return span.key == key and (span.void_from is None or place < span.void_from)
