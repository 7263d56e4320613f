"""The OpenAPI document is true: schemathesis asks every route what the document says that can be asked."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from node.cli.main import run
from node.compose import open_node
from node.datasets.known import find_dataset
from node.jobs.store import JobStore
from node.jobs.submit import submit_job
from node.jobs.token import load_or_make_token
from node.layout import Layout
from node.notices.store import NoticeStore
from node.search.generation import bring_up
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics

EXAMPLES = {"/api/search": 12, "/api/facets": 8}  # of the others 4: most have nothing to vary but a name


@dataclass(frozen=True)
class Described:
    """A node's routes, its token, and for each route with a name in its path one that is there."""

    schema: Any
    token: str
    there: dict[str, str]


@pytest.fixture(scope="module")
def described(tracked_once: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Described:
    root = tmp_path_factory.mktemp("described") / "node"
    shutil.copytree(tracked_once[0], root)
    command = ["--node", str(root), "--quiet"]
    about = ["--title", "Sheets", "--license", "CC-BY-NC-4.0", "--creators", "Test Herbarium"]
    assert run([*command, "dataset", "create", *about, "--allow-unknown-licenses"]) == 0
    assert run([*command, "watch", "add", "Everything", '{"and":[]}']) == 0
    node = open_node(Layout(root))
    with node.index() as index:
        digest = find_dataset(node, index, "Sheets").digest
    assert run([*command, "dataset", "publish", digest.hex]) == 0
    bring_up(node)
    [watch] = NoticeStore(node.layout.notices).watches()
    job = submit_job(JobStore(node.layout.jobs), node.config.jobs, "sync", {})
    there = {
        "/api/datasets/{identifier}": digest.hex,
        "/api/datasets/{identifier}/manifest": digest.hex,
        "/feeds/watches/{name}": f"{watch.id}.atom",
        "/feeds/datasets/{name}": f"{digest.hex}.atom",
        "/api/jobs": "",
        "/api/jobs/{job}": job.id,
        "/api/jobs/{job}/cancel": job.id,
        "/api/jobs/{job}/retry": job.id,
    }
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", make_api(LiveNode(node.layout), Metrics()))
    return Described(schema, load_or_make_token(node.layout.jobs_token), there)


def test_every_route_keeps_to_its_description(described: Described) -> None:
    for found in described.schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=EXAMPLES.get(operation.path, 4), suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def keep(case: Any) -> None:
            # No schema says which texts are filters, or which names are there.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        keep()


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/api/datasets/{identifier}", "GET", (200,)),
        ("/api/datasets/{identifier}/manifest", "GET", (307,)),
        ("/feeds/watches/{name}", "GET", (200,)),
        ("/feeds/datasets/{name}", "GET", (200,)),
        ("/api/jobs", "GET", (200,)),
        ("/api/jobs/{job}", "GET", (200,)),
        ("/api/jobs/{job}/cancel", "POST", (200, 409)),
        ("/api/jobs/{job}/retry", "POST", (200, 409)),
    ],
)
def test_what_is_there_is_told_as_the_description_says(
    described: Described, path: str, method: str, statuses: tuple[int, ...]
) -> None:
    operation = described.schema[path][method]
    names = dict.fromkeys(re.findall(r"{(\w+)}", path), described.there[path])
    for status in statuses:
        case = operation.Case(path_parameters=names, headers={"authorization": f"Bearer {described.token}"})
        answer = case.call(allow_redirects=False)
        case.validate_response(answer, excluded_checks=[ignored_auth])
        assert answer.status_code == status


def test_a_job_is_taken_as_the_description_says(described: Described) -> None:
    operation = described.schema["/api/jobs"]["POST"]

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(), st.booleans())
    def keep(case: Any, known: bool) -> None:
        case.headers = {"authorization": f"Bearer {described.token}"}
        if known and isinstance(case.body, dict):
            case.body = {**case.body, "kind": "sync", "parameters": {}}
        case.call_and_validate(excluded_checks=[positive_data_acceptance, ignored_auth])

    keep()
