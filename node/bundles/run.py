"""An analyzer of a bundle in its sandbox: asked what it declares, and run over the bundle's own tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import InvalidOperation
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from analyzers.bundle.manifest import Trial
from analyzers.compare import Verdict, compare
from analyzers.describe import describe_unit
from analyzers.description import Description
from analyzers.description_json import read_description
from analyzers.engine.batches import run_batches
from analyzers.engine.pool import Allowance, WorkerDied
from analyzers.errors import AnalyzerError, UnsuitableCode
from analyzers.output import Failure, Output, decode_result
from analyzers.parameters import whole_parameters
from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import MalformedJson
from node.sandbox.pool import Foreign, SandboxPool, sandbox_pool

_DESCRIBING: Final = Allowance(4 << 30, 20.0)
_BATCH: Final = 8


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one test.

    Attributes:
        trial: The test.
        verdict: How its output compares with the expected one.
        differences: What differs, in words, or why there is no output.
        output: What came.
    """

    trial: Trial
    verdict: Verdict
    differences: tuple[str, ...] = ()
    output: Output | None = None


def described(foreign: Foreign, parent: Path | None = None) -> Description:
    """What somebody's code declares, asked in a sandbox.

    Raises:
        SandboxError: there is none here.
        AnalyzerError: the code does not load, or declares what nobody may.
    """
    models = {name: {"path": str(path), "digest": one.uri} for name, (path, one) in foreign.models.items()}
    order = {"analyzer": foreign.name, "models": models}
    with sandbox_pool(foreign, 1, _DESCRIBING, parent, start=20.0) as pool:
        try:
            found = pool.submit(describe_unit, order).result()
        except WorkerDied as error:
            raise UnsuitableCode(
                f"The code of {foreign.name} does not load in the sandbox: {error}."
            ) from error
    if not isinstance(found, dict):
        raise UnsuitableCode(f"The code of {foreign.name} does not say what it declares.")
    description = read_description(found)
    if description.name != foreign.name:
        raise UnsuitableCode(f"The code is that of {description.name!r}, not of {foreign.name!r}.")
    return description


def tried(
    foreign: Foreign,
    description: Description,
    trials: Sequence[Trial],
    find: Callable[[Digest], Path],
    parent: Path | None = None,
) -> Iterator[Tried]:
    """Run tests in a sandbox, and compare what comes with what is expected.

    Args:
        foreign: The code.
        description: What it declares.
        trials: The tests.
        find: Where a blob lies.
        parent: On which disk pictures are put; see `sandbox_pool`.

    Raises:
        AnalyzerError: the parameters of a test are not as the analyzer wants them.
    """
    needs, workers = description.needs, min(len(trials), os.cpu_count() or 1)
    with sandbox_pool(foreign, workers, Allowance(needs.memory, needs.seconds), parent, start=30.0) as pool:
        ordered = sorted(trials, key=_parameters)
        for _, group in groupby(ordered, _parameters):
            yield from _alike(pool, foreign, description, list(group), find)


def _alike(
    pool: SandboxPool,
    foreign: Foreign,
    description: Description,
    trials: list[Trial],
    find: Callable[[Digest], Path],
) -> Iterator[Tried]:
    """The tests that have the same parameters."""
    order: dict[str, Json] = {
        "analyzer": foreign.name,
        "parameters": whole_parameters(description, trials[0].parameters),
        "models": {
            name: {"path": str(path), "digest": one.uri} for name, (path, one) in foreign.models.items()
        },
    }
    items: Iterator[Mapping[str, Json]] = (
        {
            "digest": one.input.uri,
            "path": str(find(one.input)),
            **({"region": one.region.text} if one.region else {}),
        }
        for one in trials
    )
    waiting = iter(trials)
    try:
        for batch in run_batches(pool, order, items, 2, _BATCH):
            for document in batch:
                trial = next(waiting)
                yield _judged(trial, decode_result(document), description, find)
    except AnalyzerError as error:
        for trial in waiting:
            yield Tried(trial, Verdict.MISSING, (str(error),))


def _judged(
    trial: Trial, found: Output | Failure, description: Description, find: Callable[[Digest], Path]
) -> Tried:
    if isinstance(found, Failure):
        return Tried(trial, Verdict.MISSING, (f"{found.failing}: {found.words}",))
    if found.digest == trial.expected:
        return Tried(trial, Verdict.IDENTICAL, output=found)
    verdict, differences = against(
        find(trial.expected).read_bytes(), found, description.determinism.tolerance
    )
    return Tried(trial, verdict, tuple(differences), found)


def against(expected: bytes, found: Output, tolerance: str | None) -> tuple[Verdict, list[str]]:
    """Compare an output with an expected one that has other bytes."""
    try:
        document: Any = parse_json(expected)
        fault, before = document.get("fault"), document["findings"]
        if fault != found.fault:
            return Verdict.DIFFERENT, [f"fault {fault or 'none'} expected, {found.fault or 'none'} came"]
        verdict, differences = compare(before, [one.document() for one in found.findings], tolerance)
    except (MalformedJson, KeyError, TypeError, ValueError, AttributeError, InvalidOperation):
        return Verdict.DIFFERENT, ["the expected output is none"]
    if verdict is Verdict.IDENTICAL:
        return Verdict.DIFFERENT, ["the expected output is not in its canonical form"]
    return verdict, differences


def _parameters(trial: Trial) -> bytes:
    return canonical_json(dict(trial.parameters))
