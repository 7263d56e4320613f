"""What is to be run: an analyzer made whole with its parameters, models and identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzers.description import Description
from analyzers.identity import Identity, identity_with, parameters_digest
from analyzers.parameters import whole_parameters
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from node.analysis.installed import Usable, usable_analyzer
from node.analysis.models import models_of
from node.analysis.platform import platform_text
from node.compose import Node
from provenance.statement.kinds import UsedAnalyzer


@dataclass(frozen=True)
class Plan:
    """An analyzer that is ready to run.

    Attributes:
        identity: What it is.
        parameters: With defaults.
        models: Where its models are, by name.
        code: Its code bundle.
        sandbox: The folder of the node in whose sandbox it runs; None for code that is installed here.
    """

    identity: Identity
    parameters: Mapping[str, Json]
    models: Mapping[str, Path]
    code: bytes
    sandbox: Path | None = None

    @property
    def description(self) -> Description:
        """What it declares."""
        return self.identity.description

    @property
    def parameters_digest(self) -> Digest:
        """The name of its parameters."""
        return parameters_digest(self.parameters)

    @property
    def order(self) -> dict[str, Json]:
        """What every unit of a run has in common."""
        digests = {model.name: model.digest.uri for model in self.description.models}
        return {
            "analyzer": self.description.name,
            "parameters": dict(self.parameters),
            "models": {
                name: {"path": str(path.resolve()), "digest": digests[name]}
                for name, path in self.models.items()
            },
        }

    @property
    def documents(self) -> tuple[bytes, ...]:
        """What becomes blobs, so that others can run the same: identity, code, parameters."""
        return (self.identity.data, self.code, canonical_json(dict(self.parameters)))

    @property
    def used(self) -> UsedAnalyzer:
        """How a statement tells of it."""
        described = self.description
        return UsedAnalyzer(
            name=described.name,
            version=described.version,
            identity=self.identity.digest,
            code=self.identity.code,
            models=tuple(sorted({model.digest for model in described.models})),
            parameters=self.parameters_digest,
            determinism=described.determinism.text,
            environment=self.identity.environment,
            platform=platform_text(),
        )


def make_plan(node: Node, name: str, parameters: Mapping[str, Json]) -> Plan:
    """Make the analyzer of that name ready.

    Raises:
        AnalyzerError: it is not to be had here, or its parameters are not as it wants them.
        AnalysisError: a model is missing.
        BundleError: it came in a bundle whose approval does not hold any more.
    """
    return plan_for(node, usable_analyzer(node, name), parameters)


def plan_for(node: Node, usable: Usable, parameters: Mapping[str, Json]) -> Plan:
    """Make an analyzer ready.

    Raises:
        AnalyzerError: its parameters are not as it wants them.
        AnalysisError: a model is missing.
    """
    described = usable.description
    return Plan(
        identity_with(described, Digest.of(usable.code)),
        whole_parameters(described, parameters),
        models_of(node, described, usable.files),
        usable.code,
        node.layout.root.resolve() if usable.foreign else None,
    )
