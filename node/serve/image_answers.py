"""What is answered to viewers, as values (IIIF Image API 3.0 and 2.1, sections 5 and 7). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from hashstore.digest import Digest
from node.iiif.facts import Fault
from node.iiif.info import CONTEXTS, PROFILES
from node.iiif.plan import Plan
from node.iiif.request import Version
from node.iiif.target import Target
from node.serve.answer import Answer, FileSlice, problem
from node.serve.blob import FOREVER, known

_OPEN: Final = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
_JSON_LD: Final = "application/ld+json"
_WORDS: Final = {
    Fault.NOT_UNDERSTOOD: "This is no image of a kind that is shown here. Its bytes are under /blob/.",
    Fault.DAMAGED: "This image is damaged: it ends too early, or is not as its format wants it.",
    Fault.TOO_LARGE: "This image is larger than this node decodes. Its bytes are under /blob/.",
    Fault.TOO_COSTLY: "This image took more time or memory to decode than this node gives. Ask again later.",
    Fault.NO_ROOM: "The node has no room to make this image. Ask again later.",
}


def redirect(target: Target) -> Answer:
    """From an image to its description."""
    return Answer(303, {**_OPEN, "location": f"{target.path}/info.json", "cache-control": "max-age=86400"})


def preflight() -> Answer:
    """What a browser wants to hear before it asks for another origin."""
    return Answer(
        204,
        {
            **_OPEN,
            "access-control-allow-methods": "GET, HEAD, OPTIONS",
            "access-control-allow-headers": "*",
            "access-control-max-age": "86400",
        },
    )


def info_answer(version: Version, document: Mapping[str, Any], asked: Mapping[str, str]) -> Answer:
    """The description of an image.

    Args:
        version: Of the API.
        document: The description.
        asked: The request's fields `accept` and `if-none-match`.
    """
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    context = CONTEXTS[version]
    fields = {
        **_OPEN,
        "cache-control": "public, max-age=3600",
        "vary": "accept",
        "etag": f'"{Digest.of(data).hex[:32]}"',
        "link": f'<{PROFILES[version]}>;rel="profile"',
    }
    if _wants_json_ld(version, asked.get("accept", "")):
        fields["content-type"] = f'{_JSON_LD};profile="{context}"'
    else:
        fields["content-type"] = "application/json"
        # A reader of JSON-LD finds the context there, as the specification of JSON-LD has it.
        fields["link"] += f', <{context}>;rel="http://www.w3.org/ns/json-ld#context";type="{_JSON_LD}"'
    if known(asked.get("if-none-match"), fields["etag"]):
        return Answer(304, {name: value for name, value in fields.items() if name != "content-type"})
    return Answer(200, {**fields, "content-length": str(len(data))}, data)


def _wants_json_ld(version: Version, accept: str) -> bool:
    """Version 3 sends JSON-LD unless plain JSON is wanted, or a person looks; version 2 if it is wanted."""
    if _JSON_LD in accept:
        return True
    plain = "application/json" in accept or "text/html" in accept
    return version is Version.THREE and not plain


def image_tag(target: Target, canonical: str, made_by: str) -> str:
    """The ETag of a part of an image: the same bytes come from the same image, plan and program."""
    return f'"{Digest.of(f"{target.digest.hex}/{canonical} {made_by}".encode()).hex[:32]}"'


def image_answer(
    target: Target,
    made: Plan,
    uri: str,
    canonical: str,
    tag: str,
    file: tuple[str, int] | None,
    reserved: Mapping[str, str],
) -> Answer:
    """A part of an image.

    Args:
        target: What was asked for.
        made: What of it.
        uri: The image's.
        canonical: The path behind the identifier by which it should be asked for.
        tag: Its ETag.
        file: Where it lies, and its bytes; None to tell who has it that it did not change.
        reserved: Fields that say what its publisher reserves.
    """
    address = f"{uri}/{quote(canonical, safe='/,:;!.')}"
    fields = {
        **{name.lower(): value for name, value in reserved.items()},
        **_OPEN,
        "cache-control": FOREVER,
        "etag": tag,
        "link": f'<{PROFILES[target.version]}>;rel="profile", <{address}>;rel="canonical"',
    }
    if file is None:
        return Answer(304, fields)
    path, size = file
    shown = {
        "content-type": made.format.media_type,
        "content-length": str(size),
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Answer(200, fields | shown, FileSlice(path))


def fault_answer(fault: Fault) -> Answer:
    """Why an image cannot be shown."""
    if fault.lasting:
        return problem(501, _WORDS[fault])
    return problem(503, _WORDS[fault], **{"retry-after": "600"})


def without_body(answer: Answer) -> Answer:
    """The answer to HEAD."""
    return Answer(answer.status, answer.headers)
