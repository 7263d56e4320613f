"""The analyzer of an earlier run as it was then: its own code and models, by digest, in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyzers.errors import AnalyzerError
from analyzers.identity import identity_with
from analyzers.parameters import whole_parameters
from hashstore.canonical import Json, parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.analysis.errors import AnalysisError
from node.analysis.plan import Plan, make_plan
from node.compose import Node
from provenance.statement.kinds import UsedAnalyzer


def plan_as_then(node: Node, used: UsedAnalyzer, parameters: Mapping[str, Json]) -> Plan:
    """What is installed here if it is the same code and models; else those of then, in the sandbox.

    Raises:
        AnalyzerError: it is not installed here, and its code is not to be had.
        AnalysisError: a model is not to be had, or the code is not what the run's identity says.
        SandboxError: other code than what is installed is wanted, and there is no sandbox on this machine.
    """
    code = used.code
    if code is None:
        raise AnalysisError(f"{used.name} ran elsewhere and was imported: its code is not known.")
    try:
        plan = make_plan(node, used.name, parameters)
    except AnalyzerError:
        if not node.store.contains(code):
            raise
    else:
        if (plan.used.code, plan.used.models) == (code, used.models):
            return plan
        if not node.store.contains(code):
            raise AnalysisError(
                f"Another {used.name} is installed here, and the code of then, {code.uri}, is nowhere "
                "to be had. --installed runs the one that is here."
            )
    return _original(node, used, code, parameters)


def _original(node: Node, used: UsedAnalyzer, named: Digest, parameters: Mapping[str, Json]) -> Plan:
    from node.bundles.run import described
    from node.sandbox.pool import Foreign

    root = node.layout.root.resolve()
    identity = _identity(node, used, named)
    models = {name: Digest.parse(str(uri)) for name, uri in identity["models"].items()}
    lacking = [one for one in (named, *models.values()) if not node.store.contains(one)]
    if lacking:
        raise AnalysisError(f"{lacking[0].uri}, which {used.name} was made of, is nowhere to be had.")
    files = {name: (node.store.path(digest), digest) for name, digest in models.items()}
    code = node.store.read(named)
    description = described(Foreign(used.name, code, files, {}, (root,)), node.layout.analysis)
    made = identity_with(description, named)
    for name, value in made.document().items():
        if name != "environment" and value != identity.get(name):
            raise AnalysisError(
                f"The code of {used.name} declares another {name} than the run's identity says."
            )
    paths = {name: path for name, (path, _) in files.items()}
    return Plan(made, whole_parameters(description, parameters), paths, code, root)


def _identity(node: Node, used: UsedAnalyzer, code: Digest) -> Mapping[str, Any]:
    try:
        found: Any = parse_json(node.store.read(used.identity))
        if found["code"] == code.uri and isinstance(found["models"], dict):
            return dict(found)
    except (HashstoreError, KeyError, TypeError) as error:
        raise AnalysisError(
            f"The identity {used.identity.uri} is none, or nowhere to be had: {error}"
        ) from error
    raise AnalysisError(f"The identity {used.identity.uri} names other code than the run.")
