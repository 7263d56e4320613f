"""Following, mirroring and auditing as jobs between served nodes; killed after the deed, they do no other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from node.compose import Node, open_node
from node.create import create_node
from node.jobs import rules
from node.jobs.child import run_job
from node.jobs.kinds import kind_of
from node.jobs.model import State
from node.jobs.store import JobStore
from node.jobs.task import RunningTask
from node.layout import Layout

if TYPE_CHECKING:
    from tests.conftest import Serve
    from tests.node.conftest import Vasculum


@pytest.fixture
def alder(tracked_once: tuple[Path, dict[str, str]], tmp_path: Path) -> Node:
    """The institution that tracked the museum in both its versions."""
    shutil.copytree(tracked_once[0], tmp_path / "alder")
    return open_node(Layout(tmp_path / "alder"))


@pytest.fixture
def birch(tmp_path: Path) -> Node:
    """Another one, with a log of its own and nothing else."""
    return create_node(Layout(tmp_path / "birch"), "Birch Herbarium", "birch.test/log")


def _done(node: Node, kind: str, **parameters: object) -> Mapping[str, Any]:
    """Submit a job, let its process be killed after the deed, and run it once more to its end."""
    store = JobStore(node.layout.jobs)
    job = store.submit(kind, parameters, "operator", time.time(), attempts=1)  # type: ignore[arg-type]
    begun = store.change(job.id, lambda one: rules.begun(one, one.due))
    kind_of(kind).run(RunningTask(node.layout, store, begun, time.monotonic))
    store.change(job.id, lambda one: rules.orphaned(one, time.time()), begun.runs)
    again = store.change(job.id, lambda one: rules.begun(one, time.time()))
    ended = run_job(node.layout, store, again)
    assert ended.state is State.DONE, ended.error
    return ended.result or {}


def _statements(node: Node, kind: str) -> int:
    with node.index() as index:
        return len(index.rows("SELECT 1 FROM own_statement WHERE kind = ?", [kind]))


@pytest.mark.slow
def test_following_mirroring_and_auditing_leave_each_effect_once(
    alder: Node, birch: Node, serve: Serve, vasculum: Vasculum
) -> None:
    here, there = alder.layout.root, birch.layout.root
    assert vasculum("--node", here, "slice", "create", "Everything").code == 0
    at_alder = serve(here, "--no-jobs").url
    assert vasculum("--node", there, "peer", "add", at_alder).code == 0
    assert _done(birch, "sync") == {
        "logs": 1, "new": 0, "blobs": 0, "refused": 0, "frozen": [], "trouble": {},
    }  # fmt: skip
    assert birch.peers.taken("herbarium.test/log") == alder.reader.head().size

    assert vasculum("--node", there, "mirror", "add", "--slice", "Everything").code == 0
    mirrored = _done(birch, "mirror")
    assert (mirrored["mirrors"], mirrored["complete"], mirrored["claims"]) == (1, True, [])
    assert _statements(birch, "ReplicaClaim") == 1

    at_birch = serve(there, "--no-jobs").url
    assert vasculum("--node", here, "peer", "add", at_birch).code == 0
    assert vasculum("--node", here, "sync").code == 0
    audited = _done(alder, "audit", whom="birch.test/log", draws=20)
    assert (audited["audited"], audited["verdicts"]) == (1, {"passed": 1})
    assert _statements(alder, "AuditReport") == 1
