"""Statements about analyses that a followed log may sign: each is refused in words, or found out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from analyzers.finding import Finding
from analyzers.identity import output_key
from analyzers.output import Input, Output
from analyzers.region import Box
from analyzers.vectors.build import build_index
from analyzers.vectors.members import Members, members_of
from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.members import MemberList
from manifests.segment import SegmentWriter
from manifests.tables import ANALYSIS
from node.analysis.plan import make_plan
from node.analysis.publish import sign_run
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from node.look.annotations import annotations_about
from node.publish import publish, staged
from node.track.finish import leaves_of
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds import Crawl, VectorIndex

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum

pytestmark = pytest.mark.slow
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
WIDTH = 1_280
EVIL = {
    "no number": Finding("width", value="NaN"),
    "far away": Finding("width", region=Box(2**53, 0, 1, 1), value="1"),
    "a flood": Finding("width", text="x" * 200_000),
    "a vector of no numbers": Finding("width", vector=np.full(4, np.nan, "<f4").tobytes()),
    "surer than sure": Finding("width", value="1", confidence="2"),
}


@dataclass
class Evil:
    """A publisher that signs what it likes, and a node that follows it."""

    node: Node
    image: Digest
    follower: Node

    def run(self, *findings: Finding) -> Digest:
        """A run of the honest image analyzer, signed with findings that it did not make."""
        plan = make_plan(self.node, "image-facts", {})
        results = [Output(Input(self.image), findings)]
        with self.node.writing():
            return sign_run(self.node, plan, MemberList.of([self.image]), results, 0, NOW)[0]

    def crawl(self) -> None:
        """A crawl, of all things, that lists rows of an analysis."""
        node, plan = self.node, make_plan(self.node, "image-facts", {})
        named = {"digest": self.image.raw, "analyzer": plan.identity.digest.raw, "findings": 0}
        key = output_key(plan.identity.digest, plan.parameters_digest, self.image, None)
        told = {"key": key.raw, "parameters": plan.parameters_digest.raw, "output": self.image.raw}
        with node.writing():
            with SegmentWriter(node.store, ANALYSIS, AccessClass.PUBLIC) as writer:
                writer.write(pa.RecordBatch.from_pylist([named | told], schema=ANALYSIS.arrow))
                segments = writer.close()
            made = Crawl(
                new_statement_id(), node.identity.public, ("vasculum", "0"), "https://museum.example/",
                "list", NOW, NOW, segments=tuple(segments),
            )  # fmt: skip
            statement = issue(made.document(), node.identity, NOW)
            add_bytes(node.store, statement.raw)
            node.log.append([leaf.encode() for leaf in leaves_of(statement)])

    def index(self, inputs: Sequence[Input], *, analyzer: Digest | None = None) -> Digest:
        """An index of vectors; its recipe may be one of another analyzer than its statement names."""
        plan = make_plan(self.node, "embedding", {})
        members = members_of(inputs)
        vectors = np.zeros((len(members), WIDTH), np.float32)
        vectors[:, 0] = 1.0
        named = plan.identity.digest
        data = build_index(analyzer or named, plan.parameters_digest, "embedding", members, vectors)
        return self._signed(plan.parameters_digest, named, members, data, plan.documents)

    def _signed(
        self, parameters: Digest, analyzer: Digest, members: Members, data: bytes, named: Sequence[bytes]
    ) -> Digest:
        made = VectorIndex(
            id=new_statement_id(), agent=self.node.identity.public, made=NOW, analyzer=analyzer,
            parameters=parameters, kind="embedding", members=Digest.of(members.data),
            members_root=members.root, count=len(members), index=Digest.of(data),
        )  # fmt: skip
        blobs = [staged(self.node, one) for one in dict.fromkeys((data, members.data, *named))]
        with self.node.writing():
            return publish(self.node, made.document(), blobs)


@pytest.fixture
def evil(tmp_path: Path, vasculum: Vasculum) -> Evil:
    node = create_node(Layout(tmp_path / "evil"), "Evil", "evil.test/log")
    file = io.BytesIO()
    Image.effect_noise((90, 70), 30.0).save(file, "PNG")
    (tmp_path / "one.png").write_bytes(file.getvalue())
    assert vasculum("--quiet", "--node", node.layout.root, "add", tmp_path / "one.png").code == 0
    follower = create_node(Layout(tmp_path / "follower"), "Follower", "follower.test/log")
    return Evil(node, Digest.of(file.getvalue()), follower)


def test_what_no_analyzer_says_is_refused_and_what_is_only_wrong_is_found_out(
    evil: Evil, vasculum: Vasculum, served: Served
) -> None:
    evil.crawl()
    wrong = evil.run(Finding("width", value="7"))
    for finding in EVIL.values():
        evil.run(finding)
    root = evil.follower.layout.root
    with served(evil.node.layout.root) as url:
        assert vasculum("--node", root, "peer", "add", url).code == 0
        said = vasculum("--json", "--node", root, "sync")
        (log,) = said.of("log")
        assert (said.code, len(log["refused"])) == (3, len(EVIL))
        assert all("finding's" in reason for reason in log["refused"].values())
        again = vasculum("--json", "--node", root, "reproduce", wrong.uri)
        assert (again.code, again.summary["outcome"]) == (4, "different")
        assert any("1" in line for line in again.of("item")[0]["differences"])
    with evil.follower.index() as index:
        assert [row["value"] for row in index.rows("SELECT value FROM finding")] == ["7"]
        assert len(index.rows("SELECT key FROM analysis")) == 2 + len(EVIL)
        assert len(annotations_about(index, evil.image, 0, 9)) == 1
    assert vasculum("--node", root, "show", evil.image.uri).code == 0


def test_an_index_that_lies_is_not_searched_and_one_that_names_anything_tells_nothing(
    evil: Evil, vasculum: Vasculum, served: Served, tmp_path: Path
) -> None:
    stranger = Input(Digest.of(b"no log names this"))
    lying = evil.index([Input(evil.image)], analyzer=Digest.of(b"another"))
    naming = evil.index([stranger, Input(evil.image)])
    root = evil.follower.layout.root
    with served(evil.node.layout.root) as url:
        assert vasculum("--node", root, "peer", "add", url).code == 0
        assert vasculum("--node", root, "sync").code == 0
        asked = ("--node", root, "similar", tmp_path / "one.png", "--index")
        refused = vasculum(*asked, lying.hex)
        assert refused.code == 1
        assert "other vectors than its statement says" in refused.err
    told = vasculum("--json", *asked, naming.hex)
    assert told.code == 0, told.err
    assert [hit["digest"] for hit in told.of("hit")] == [evil.image.uri]
