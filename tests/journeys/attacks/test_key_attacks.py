"""What a thief of a publisher's present keys may try; the next ones were kept elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.blobstore import add_bytes
from node.compose import open_node
from node.keys.rotate import rotate
from provenance.log.leaf import StatementLeaf
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds import KeyRevocation, KeyRole

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import Publisher, Tell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ORIGIN = "publisher.test/log"


def test_who_has_only_the_present_keys_takes_nothing_back(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    story = tell(1)
    node = publisher.copy(tmp_path / "changed")
    former = node.identity.public
    with node.writing():
        rotate(node, KeyRole.IDENTITY)
    story.server.root = node.layout.root
    assert story.sync().status == 0
    before = story.rows()
    robbed, made = open_node(node.layout), datetime.now(UTC)
    said = KeyRevocation(new_statement_id(), ORIGIN, KeyRole.IDENTITY, former, 1, made)
    revocation = issue(said.document(), robbed.identity, made)
    robbed.log.append([StatementLeaf(add_bytes(robbed.store, revocation.raw)).encode()])
    (log,) = story.sync().of_type("log")
    assert "next identity key" in log["frozen"]
    assert log["refused"] == {}
    assert story.rows() == before
    story.sound()
