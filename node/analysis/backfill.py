"""What a new analyzer, version or model has not seen yet: read by it what its forerunners read.

An analyzer whose code, model or packages changed has another identity, under which nothing was found so far.
A back-fill reads with it all images that this node had read by one of the same name, with the same
parameters, and lets the standing analyzers read every image. What stands in a log already is never read
again, so a second back-fill does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from analyzers.errors import AnalyzerError
from analyzers.registry import MADE
from hashstore.canonical import Json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.filter import And
from manifests.members import MemberList
from node.analysis.choose import images_of_filter
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan, make_plan
from node.analysis.run import Analysed, Told, analyse
from node.compose import Node
from node.index import OWN_LOG, Index

_READ = (
    "SELECT DISTINCT analyzer, parameters FROM analysis WHERE log = ? AND inputRegion IS NULL ORDER BY ALL"
)
_IMAGES = (
    "SELECT DISTINCT digest FROM analysis WHERE log = ? AND analyzer = ? AND parameters = ? "
    "AND inputRegion IS NULL AND access = 'public'"
)


@dataclass(frozen=True, slots=True)
class Due:
    """An analyzer with its parameters, and the images that it is to have read."""

    plan: Plan
    members: MemberList


def back_fill(
    node: Node,
    telling: Callable[[str], AbstractContextManager[Told]],
    say: Callable[[str], object],
    only: str | None = None,
) -> Iterator[tuple[str, Analysed]]:
    """Let each analyzer, as it is now, read what it is to have read.

    Args:
        node: The node.
        telling: For an analyzer's name, who is told how its run goes.
        say: Is told what cannot be run any more.
        only: The name of one analyzer; None for all.

    Yields:
        Each analyzer's name, and what its run came to; one that has nothing left to read, too.

    Raises:
        AnalyzerError: a standing analyzer is not installed; nothing is run then.
    """
    for one in due(node, say, only):
        name = one.plan.description.name
        with telling(name) as told:
            done = analyse(node, one.plan, one.members, told)
        yield name, done


def due(node: Node, say: Callable[[str], object], only: str | None = None) -> list[Due]:
    """What a back-fill goes through: standing analyzers first, then what was run before."""
    found: dict[tuple[Digest, Digest], Due] = {}
    with node.index() as index:
        for plan, members in (*_standing(node, index, only), *_earlier(node, index, say, only)):
            key = (plan.identity.digest, plan.parameters_digest)
            known = found[key].members if key in found else ()
            found[key] = Due(plan, MemberList.of([*known, *members]))
    return list(found.values())


def _standing(node: Node, index: Index, only: str | None) -> Iterator[tuple[Plan, MemberList]]:
    plans = [make_plan(node, name, {}) for name in node.config.analysis.analyzers if only in (None, name)]
    if plans:
        everything = images_of_filter(node, index, And(()))
        yield from ((plan, everything) for plan in plans)


def _earlier(
    node: Node, index: Index, say: Callable[[str], object], only: str | None
) -> Iterator[tuple[Plan, MemberList]]:
    for row in index.rows(_READ, [OWN_LOG]):
        analyzer, parameters = Digest(row["analyzer"]), Digest(row["parameters"])
        try:
            name, given = _known(node, analyzer, parameters)
            if name in MADE or only not in (None, name):
                continue  # what it compares with was fixed for that one run
            plan = make_plan(node, name, given)
        except (AnalyzerError, AnalysisError, HashstoreError) as error:
            say(f"What {analyzer} read cannot be read anew: {error}")
            continue
        images = index.rows(_IMAGES, [OWN_LOG, analyzer.raw, parameters.raw])
        yield plan, MemberList.of(Digest(image["digest"]) for image in images)


def _known(node: Node, analyzer: Digest, parameters: Digest) -> tuple[str, dict[str, Json]]:
    """The name of an analyzer of this node's log, and parameters; both are blobs, made with their run."""
    identity = json.loads(node.store.read(analyzer))
    return str(identity["name"]), json.loads(node.store.read(parameters))
