"""Makes server.json: what a node says of itself, of its key, and of holders (spec/server.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.layout import mirror_name
from node.serve.heads import told_of_key, told_of_node
from node.serve.holdings import MOST_LOCATED, holder_fields
from node.slices.locate import Holder, How
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD, Checkpoint

IDENTITY, LOG = SigningKey(bytes(range(32))), SigningKey(bytes(range(32, 64)))
ORIGIN = "museum.example/log"
KEY = VerifierKey(ORIGIN, LOG.public)
IMAGE, CLAIM, SLICE = (Digest.of(text) for text in (b"image", b"claim", b"slice"))
HOSTS = ("node.museum.example", "localhost:8801")


def main() -> None:
    """Write the vectors beside this file."""
    text = json.dumps(_vectors(), indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_name("server.json").write_text(text, encoding="utf-8")


def _vectors() -> dict[str, Any]:
    holders = (
        Holder(ORIGIN, How.HELD),
        Holder("herbarium.example/log", How.CLAIMED, ("https://herbarium.example",), CLAIM, SLICE),
    )
    return {
        "description": "What a node with these keys says of itself, did:web documents of its hosts, where it "
        "keeps followed logs, and what is asked of and answered by /locate (spec/server.md).",
        "identitySeed": bytes(range(32)).hex(),
        "logSeed": bytes(range(32, 64)).hex(),
        "nodeDocument": told_of_node("Museum of Examples", KEY, IDENTITY.public, "0.1.0"),
        "didDocuments": [{"host": host, "document": told_of_key(IDENTITY.public, host)} for host in HOSTS],
        "mirrors": [
            {"origin": origin, "path": f"/mirror/{mirror_name(origin)}/"} for origin in (ORIGIN, "a.test/é")
        ],
        "heads": {"heads": [_head(ORIGIN, "/log/", None), _head("other.test/log", None, "it forked")]},
        "locate": {
            "requests": [
                {"body": _asking([IMAGE.uri, CLAIM.uri]), "digests": [IMAGE.uri, CLAIM.uri]},
                {"body": _asking([IMAGE.uri, IMAGE.ni, IMAGE.hex]), "digests": [IMAGE.uri]},
            ],
            "refused": [
                {"why": "none", "body": _asking([])},
                {"why": "no list", "body": canonical_json({"digests": IMAGE.uri}).decode()},
                {"why": "no texts", "body": canonical_json({"digests": [1]}).decode()},
                {"why": "no digest", "body": _asking(["hash://sha256/ff"])},
                {"why": "no object", "body": "[]"},
                {"why": "a name twice", "body": '{"digests":[],"digests":[]}'},
            ],
            "most": MOST_LOCATED,
            "answer": {"holders": {IMAGE.uri: [holder_fields(holder) for holder in holders], CLAIM.uri: []}},
        },
    }


def _head(origin: str, path: str | None, frozen: str | None) -> dict[str, Any]:
    """An empty log's checkpoint (C2SP tlog-checkpoint), signed; where it lies follows from its origin."""
    key = VerifierKey(origin, LOG.public)
    return {
        "origin": origin,
        "path": path or f"/mirror/{mirror_name(origin)}/",
        "logKey": str(key),
        "identity": IDENTITY.public.did,
        "institution": "Museum of Examples",
        "frozen": frozen,
        "checkpoint": Checkpoint(origin, EMPTY_HEAD).sign(LOG).decode(),
    }


def _asking(digests: list[str]) -> str:
    return canonical_json({"digests": digests}).decode()


if __name__ == "__main__":
    main()
