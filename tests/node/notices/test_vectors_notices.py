"""The vectors of notices are what their generator writes, and others read them as we do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import json
import uuid
from pathlib import Path
from typing import Any

import feedparser
import pytest

_VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"


@pytest.fixture(scope="module")
def vectors() -> Any:
    return json.loads((_VECTORS / "notices.json").read_text("ascii"))


def test_the_generator_writes_what_is_committed(vectors: Any) -> None:
    spec = importlib.util.spec_from_file_location("generate_notices", _VECTORS / "generate_notices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.vectors() == vectors


def test_the_id_of_an_event_is_a_uuid_of_version_5_over_watch_and_state(vectors: Any) -> None:
    event = vectors["event"]
    assert event["id"] == uuid.uuid5(uuid.UUID(event["watch"]), event["state"]).urn


def test_the_signature_is_that_of_standard_webhooks(vectors: Any) -> None:
    call = vectors["webhook"]
    fields = call["headers"]
    key = base64.b64decode(call["secret"].removeprefix("whsec_"))
    message = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.{call['body']}".encode()
    signature = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    assert fields["webhook-signature"] == f"v1,{signature}"


def test_the_feed_is_read_by_others(vectors: Any) -> None:
    read = feedparser.parse(vectors["feed"]["atom"])
    assert not read.bozo
    assert [entry.id for entry in read.entries] == [vectors["event"]["id"]]
    assert vectors["feed"]["image"] in read.entries[0].content[0].value
