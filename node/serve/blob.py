"""`GET /blob/sha256/<hex>`: whether bytes may be read, and which of them are sent. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from hashstore.digest import Digest
from node.policy import Decision
from node.serve.answer import Answer, FileSlice, problem
from node.serve.ranges import Unsatisfiable, parse_range

# What a browser may show from this address; HTML or SVG could run as if the node had written it.
_SHOWN = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff", "image/jp2", "text/plain"}
)
_EVERYWHERE = {"x-content-type-options": "nosniff", "access-control-allow-origin": "*"}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob that is here.

    Attributes:
        digest: Of its bytes.
        path: Where it lies.
        size: Bytes.
        media_type: What its server declared; None if nothing did.
        reserved: Fields that say what its publisher reserves.
    """

    digest: Digest
    path: str
    size: int
    media_type: str | None
    reserved: Mapping[str, str] = field(default_factory=dict)


def answer_blob(
    method: str, headers: Mapping[str, str], decision: Decision, blob: StoredBlob | None
) -> Answer:
    """Answer a request for a blob.

    Args:
        method: `GET` or `HEAD`; anything else is refused.
        headers: The request's fields that matter: `range`, `if-range`, `if-none-match`.
        decision: What the policy says.
        blob: The blob; None if its bytes are not here.
    """
    if method not in ("GET", "HEAD"):
        return problem(405, "Only GET and HEAD are understood here.", allow="GET, HEAD")
    if decision.status == 410:
        return problem(410, "This was withdrawn by its publisher.")
    if not decision.allowed or blob is None:
        # One answer for what is withheld, what is unknown and what is not here: none tells of the others.
        return problem(404, "There is no such blob here.")
    tag = f'"{blob.digest.hex}"'
    fields = _fields(blob, tag)
    if known(headers.get("if-none-match"), tag):
        return Answer(304, {name: fields[name] for name in ("etag", "cache-control", *_EVERYWHERE)})
    # Of the methods only GET has ranges (RFC 9110, section 14.2).
    asked = method == "GET" and headers.get("if-range", tag) == tag
    wanted = headers.get("range") if asked else None
    try:
        part = parse_range(wanted, blob.size)
    except Unsatisfiable:
        return problem(416, "The blob ends before this range.", **{"content-range": f"bytes */{blob.size}"})
    if part is None:
        body = FileSlice(blob.path) if method == "GET" else None
        return Answer(200, fields | {"content-length": str(blob.size)}, body)
    fields |= {
        "content-range": f"bytes {part.start}-{part.stop - 1}/{blob.size}",
        "content-length": str(part.stop - part.start),
    }
    return Answer(206, fields, FileSlice(blob.path, part.start, part.stop))


def known(field: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names the tag: compared weakly, as RFC 9110, section 13.1.2 asks."""
    named = [part.strip().removeprefix("W/") for part in (field or "").split(",")]
    return tag in named or named == ["*"]


def _fields(blob: StoredBlob, tag: str) -> dict[str, str]:
    kind = (blob.media_type or "").partition(";")[0].strip().lower()
    shown = kind in _SHOWN
    return {
        **{name.lower(): value for name, value in blob.reserved.items()},
        "content-type": kind if shown else "application/octet-stream",
        "content-disposition": "inline" if shown else "attachment",
        "content-security-policy": "sandbox; default-src 'none'",
        **_EVERYWHERE,
        "accept-ranges": "bytes",
        "cache-control": FOREVER,
        "etag": tag,
        # RFC 9530, of the whole representation
        "repr-digest": f"sha-256=:{base64.b64encode(blob.digest.raw).decode()}:",
    }
