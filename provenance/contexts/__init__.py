"""The JSON-LD contexts that statements may name: bundled, pinned by digest, never fetched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from hashstore.digest import Digest
from provenance.errors import ContextError

DATA_INTEGRITY: Final = "https://w3id.org/security/data-integrity/v2"
VASCULUM: Final = "https://w3id.org/vasculum/v1"
CONTEXT: Final = (DATA_INTEGRITY, VASCULUM)

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pin:
    """One bundled context.

    Attributes:
        url: the name under which documents refer to it.
        file: where it lies beside this module.
        digest: what its bytes must hash to.
    """

    url: str
    file: str
    digest: Digest


@cache
def pins() -> Mapping[str, Pin]:
    """The bundled contexts by URL."""
    table: dict[str, dict[str, str]] = json.loads((_HERE / "pins.json").read_text("utf-8"))
    return {url: Pin(url, pin["file"], Digest.parse(pin["sha256"])) for url, pin in table.items()}


def context_bytes(url: str) -> bytes:
    """The bytes of a bundled context.

    Raises:
        ContextError: the context is not bundled, or its file is missing or changed.
    """
    pin = pins().get(url)
    if pin is None:
        raise ContextError(f"The JSON-LD context {url} is not one of the bundled ones; none is ever fetched.")
    try:
        data = (_HERE / pin.file).read_bytes()
    except OSError as error:
        raise ContextError(
            f"The bundled context {pin.file} is missing: it is taken from npm when the package is built. "
            "Install again (pip install -e . or make install)."
        ) from error
    if Digest.of(data) != pin.digest:
        raise ContextError(f"The bundled context {pin.file} does not have its pinned digest. Install again.")
    return data


@cache
def _remote_document(url: str) -> dict[str, Any]:
    document = json.loads(context_bytes(url))
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": document,
    }


def load_document(url: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A pyld document loader that knows the bundled contexts and nothing else.

    Raises:
        ContextError: any other address is asked for.
    """
    return dict(_remote_document(url))
