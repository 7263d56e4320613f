"""A statement about the run of a pipeline names its plan and its runs, and is read back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hashstore.digest import Digest
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement import issue, new_statement_id, verify_statement
from provenance.statement.kinds import PipelineRun, StepRun, Tally
from provenance.statement.kinds.analysis_run import read_analysis_run
from provenance.statement.kinds.pipeline_run import read_pipeline_run

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
ONE, OTHER = sorted((Digest.of(b"one"), Digest.of(b"other")))
RUN = PipelineRun(
    id=new_statement_id(), agent=KEY.public, software=("vasculum", "1"), started=NOW, ended=NOW, plan=ONE,
    name="read-labels", parameters=None, members=ONE, members_root=OTHER, count=9,
    steps=tuple(StepRun(f"step-{number}", (OTHER, ONE)) for number in range(12)), generated=(ONE, OTHER),
    tally=Tally(7, 1, 2, 90),
)  # fmt: skip


@pytest.mark.parametrize("parameters", [None, OTHER])
@pytest.mark.parametrize("generated", [(), (ONE,), (ONE, OTHER)])
@pytest.mark.parametrize("runs", [(), (ONE,), (OTHER, ONE)])
def test_a_run_is_read_back_as_it_was(
    parameters: Digest | None, generated: tuple[Digest, ...], runs: tuple[Digest, ...]
) -> None:
    steps = (StepRun("first", runs), *RUN.steps)
    run = replace(RUN, parameters=parameters, generated=generated, steps=steps)
    statement = issue(run.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_pipeline_run(statement) == run


def test_a_statement_of_another_kind_or_without_its_plan_is_refused() -> None:
    statement = issue(RUN.document(), KEY, NOW)
    with pytest.raises(MalformedStatement, match="no AnalysisRun"):
        read_analysis_run(statement)
    association = {"id": f"{RUN.id}#association", "type": "Association", "agent": KEY.public.did}
    with pytest.raises(MalformedStatement, match="hadPlan"):
        read_pipeline_run(issue({**RUN.document(), "qualifiedAssociation": association}, KEY, NOW))
