"""Source addresses that lead inward, and a clock that is wrong: nothing follows from either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from node.compose import Node
from node.peers import sync

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import HostileNode, Publisher, Tell, Tools

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_no_source_address_leads_into_the_private_network(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path, hostile: Callable[[Path], HostileNode]
) -> None:
    story, inner = tell(1), hostile(publisher.first)
    urls = [
        f"{inner.url}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "file:///etc/passwd",
    ]
    digests = [Digest.of(url.encode()) for url in urls]

    def make(node: Node) -> list[bytes]:
        rows = ({"url": url, "digest": digest.raw} for url, digest in zip(urls, digests, strict=True))
        segment = tools.captures(node, *rows)
        return tools.leaves_of(tools.crawl(node, segment), segment)

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    assert story.sync().status == 0
    said = story.forked.run("--node", story.root, "--json", "fetch", *(digest.hex for digest in digests))
    assert (said.status, said.summary["nowhere"]) == (3, len(urls))
    assert inner.asked == []
    story.sound()


def test_a_clock_that_is_wrong_by_a_year_changes_nothing(
    tell: Tell, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell(1)

    class Wrong(datetime):
        days = 0

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=cls.days)

    monkeypatch.setattr(sync, "datetime", Wrong)
    for days in (365, -365):
        Wrong.days = days
        story.server.root = publisher.second
        assert all(result.complete for result in sync.follow_all(story.follower))
        story.complete()
    story.sound()
