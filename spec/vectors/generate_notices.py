"""Write the vectors of notices: `python spec/vectors/generate_notices.py`."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.notices.feed import Entry, Feed, feed_bytes
from node.notices.model import Watch
from node.notices.seeing import event_id
from node.notices.webhook import signed_headers

_WATCH = "6f0c1c1e-0000-4000-8000-000000000001"
_STATE = {"museum.example/log": 258, "herbarium.example/log": 12}
_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def vectors() -> Any:
    """Everything that the file holds."""
    watch = Watch(_WATCH, "Oaks & <elms>", '{"and":[]}', None, True, "2026-11-23T08:00:00Z")
    state = canonical_json(_STATE).decode()
    event = event_id(watch, state)
    image = Digest.of(b"an image")
    entry = Entry(event, "Oaks & <elms>: 1 new image", "2026-11-23T09:00:00Z", "Seen.", (image,))
    feed = Feed(
        f"urn:uuid:{_WATCH}", watch.name, f"/feeds/watches/{_WATCH}.atom", entry.updated,
        "Museum of Examples", "All images", [entry],
    )  # fmt: skip
    body = canonical_json({"type": "vasculum.news", "timestamp": entry.updated})
    headers = signed_headers(_SECRET, "0d2f.6f0c", 1_795_420_800, body)
    return {
        "description": "The id of an event, a feed with it, and the signature of a call of a webhook.",
        "event": {"watch": _WATCH, "state": state, "id": event},
        "feed": {"image": image.uri, "atom": feed_bytes(feed).decode()},
        "webhook": {"secret": _SECRET, "body": body.decode(), "headers": headers},
    }


def main() -> None:
    """Write the file beside this program."""
    text = json.dumps(vectors(), indent=1) + "\n"
    Path(__file__).with_name("notices.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
