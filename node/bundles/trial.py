"""Run a bundle's own tests in the sandbox of this machine, and sign what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from analyzers.bundle.manifest import Bundle
from analyzers.compare import Verdict
from analyzers.description import Description
from analyzers.description_json import description_document
from analyzers.errors import AnalyzerError
from analyzers.identity import Identity, identity_with
from analyzers.parameters import whole_parameters
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.analysis.platform import platform_text
from node.bundles.errors import BundleError
from node.bundles.known import foreign_of
from node.bundles.run import Tried, described, tried
from node.compose import Node
from node.look.access import public_among
from node.publish import publish, staged
from provenance.statement import new_statement_id
from provenance.statement.kinds import BundleTest, UsedAnalyzer


@dataclass(slots=True)
class Tested:
    """A bundle under test.

    Attributes:
        bundle: The bundle.
        started: When.
        counts: How many tests came to each verdict.
        faults: What is wrong with the bundle as a whole.
        statement: The signed result.
    """

    bundle: Bundle
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    counts: Counter[Verdict] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    statement: Digest | None = None

    @property
    def outcome(self) -> str:
        """The worst that a test came to; `incomplete` if one gave no output."""
        for verdict in (Verdict.DIFFERENT, Verdict.MISSING, Verdict.WITHIN):
            if self.counts[verdict]:
                return "incomplete" if verdict is Verdict.MISSING else verdict.value
        return Verdict.IDENTICAL.value

    @property
    def other(self) -> list[str]:
        """The packages whose versions are other here than where the expected outputs were made."""
        here = identity_with(self.bundle.description, self.bundle.code).environment
        lock = self.bundle.environment
        return [
            f"{name} {lock.get(name, 'none')} in the bundle, {here.get(name, 'none')} here"
            for name in sorted({*here, *lock})
            if here.get(name) != lock.get(name)
        ]


def run_tests(node: Node, tested: Tested) -> Iterator[Tried]:
    """Run all tests of a bundle; what comes of them is counted.

    Raises:
        SandboxError: there is no sandbox on this machine; nothing was run.
        BundleError: the bundle names a picture that is not public here.
        AnalyzerError: a package that it needs is not installed here.
    """
    bundle = tested.bundle
    identity_with(bundle.description, bundle.code)
    with node.index() as index:
        hidden = set(bundle.parts) - public_among(index, bundle.parts)
    if hidden:
        raise BundleError(f"{min(hidden).uri} is not public at this node, so no bundle may read it.")
    for one in _run(node, tested):
        tested.counts[one.verdict] += 1
        yield one


def _run(node: Node, tested: Tested) -> Iterator[Tried]:
    bundle, parent = tested.bundle, node.layout.analysis
    foreign = foreign_of(node, bundle)
    try:
        differing = _differing(described(foreign, parent), bundle.description)
    except AnalyzerError as error:
        tested.faults.append(str(error))
        yield from (Tried(one, Verdict.MISSING, (str(error),)) for one in bundle.trials)
        return
    if differing:
        words = f"its code declares another {', '.join(differing)} than its manifest"
        tested.faults.append(words)
        yield from (Tried(one, Verdict.DIFFERENT, (words,)) for one in bundle.trials)
        return
    yield from tried(foreign, bundle.description, bundle.trials, node.store.path, parent)


def _differing(code: Description, manifest: Description) -> list[str]:
    one, other = description_document(code), description_document(manifest)
    return [name for name in one if canonical_json(one[name]) != canonical_json(other[name])]


def sign_test(node: Node, tested: Tested) -> Digest:
    """Sign what came of the tests into the node's log; returns the statement's digest."""
    counts, described = tested.counts, tested.bundle.description
    identity = identity_with(described, tested.bundle.code)
    parameters = canonical_json(whole_parameters(described, {}))
    with node.writing():
        said = BundleTest(
            id=new_statement_id(),
            agent=node.identity.public,
            software=("vasculum", version("vasculum")),
            bundle=tested.bundle.digest,
            analyzer=_used(identity, Digest.of(parameters)),
            started=tested.started,
            ended=datetime.now(UTC),
            outcome=tested.outcome,
            identical=counts[Verdict.IDENTICAL],
            within=counts[Verdict.WITHIN],
            different=counts[Verdict.DIFFERENT],
            missing=counts[Verdict.MISSING],
        )
        tested.statement = publish(
            node, said.document(), [staged(node, data) for data in (identity.data, parameters)]
        )
    return tested.statement


def _used(identity: Identity, parameters: Digest) -> UsedAnalyzer:
    described = identity.description
    return UsedAnalyzer(
        name=described.name,
        version=described.version,
        identity=identity.digest,
        code=identity.code,
        models=tuple(sorted({model.digest for model in described.models})),
        parameters=parameters,
        determinism=described.determinism.text,
        environment=identity.environment,
        platform=platform_text(),
    )
