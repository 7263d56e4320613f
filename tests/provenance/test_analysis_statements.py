"""Statements about runs of analyzers say what they were given, and are read back as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import Segment
from provenance.errors import MalformedStatement
from provenance.keys import SigningKey
from provenance.statement import issue, new_statement_id, segments_of, verify_statement
from provenance.statement.kinds import AnalysisRun, Reproduction, Tally, UsedAnalyzer
from provenance.statement.kinds.analysis_run import read_analysis_run
from provenance.statement.kinds.reproduction import OUTCOMES, read_reproduction

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = SigningKey(b"i" * 32)
ONE, OTHER = Digest.of(b"one"), Digest.of(b"other")
USED = UsedAnalyzer("facts", "1", ONE, OTHER, (ONE, OTHER), ONE, "bitwise", {"a": "2"}, "Linux")
SEGMENTS = (
    Segment(ONE, "analysis", OTHER, 7, ONE, AccessClass.PUBLIC),
    Segment(OTHER, "finding", OTHER, 90, ONE, AccessClass.PUBLIC),
)
RUN = AnalysisRun(
    id=new_statement_id(),
    agent=KEY.public,
    software=("vasculum", "1"),
    started=NOW,
    ended=NOW,
    analyzer=USED,
    members=ONE,
    members_root=OTHER,
    count=9,
    segments=SEGMENTS,
    tally=Tally(7, 1, 2, 90),
)
AGAIN = Reproduction(
    id=new_statement_id(), agent=KEY.public, software=("vasculum", "1"), run=ONE, analyzer=USED, started=NOW,
    ended=NOW, outcome="different", identical=5, within=1, different=1, missing=2,
)  # fmt: skip


@pytest.mark.parametrize("models", [(), (ONE,), (ONE, OTHER)])
@pytest.mark.parametrize("environment", [{"numpy": "2"}, {"numpy": "2", "pillow": "13"}])
def test_a_run_is_read_back_as_it_was(models: tuple[Digest, ...], environment: dict[str, str]) -> None:
    run = replace(RUN, analyzer=replace(USED, models=models, environment=environment))
    statement = issue(run.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_analysis_run(statement) == replace(run, segments=())
    assert segments_of(statement) == SEGMENTS


def test_a_run_of_an_analyzer_elsewhere_is_read_back_without_code() -> None:
    run = replace(RUN, analyzer=replace(USED, code=None, environment={}, determinism="none"))
    statement = issue(run.document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_analysis_run(statement) == replace(run, segments=())
    here = {**run.document(), "analyzer": {**run.document()["analyzer"], "code": ONE.uri}}
    with pytest.raises(MalformedStatement, match="environment"):
        read_analysis_run(issue(here, KEY, NOW))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_reproduction_is_read_back_as_it_was(outcome: str) -> None:
    statement = issue(replace(AGAIN, outcome=outcome).document(), KEY, NOW)
    assert verify_statement(statement)
    assert read_reproduction(statement) == replace(AGAIN, outcome=outcome)


def test_an_outcome_that_nobody_knows_and_a_statement_of_another_kind_are_refused() -> None:
    with pytest.raises(MalformedStatement, match="outcome"):
        read_reproduction(issue(replace(AGAIN, outcome="splendid").document(), KEY, NOW))
    with pytest.raises(MalformedStatement, match="no Reproduction"):
        read_reproduction(issue(RUN.document(), KEY, NOW))
    with pytest.raises(MalformedStatement, match="no AnalysisRun"):
        read_analysis_run(issue(AGAIN.document(), KEY, NOW))


def test_a_run_without_its_analyzer_is_refused() -> None:
    document = {
        **RUN.document(),
        "analyzer": {"id": f"{RUN.id}#analyzer", "type": "Analyzer", "name": "facts"},
    }
    with pytest.raises(MalformedStatement, match="softwareVersion"):
        read_analysis_run(issue(document, KEY, NOW))
