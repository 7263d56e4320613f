"""Let a bundle run over the images of this node, or take that back: the operator's signed decision."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version

from analyzers.bundle.manifest import Bundle
from analyzers.identity import identity_with
from hashstore.digest import Digest
from node.analysis.platform import platform_text
from node.bundles.errors import BundleError
from node.bundles.known import last_decision, last_test
from node.bundles.submit import check_name
from node.compose import Node
from node.publish import publish
from node.sandbox.programs import sandbox_programs
from provenance.statement import new_statement_id
from provenance.statement.kinds import BundleChoice, BundleDecision, BundleTest


def approve(node: Node, bundle: Bundle) -> Digest:
    """Let a bundle's analyzer run here, always in the sandbox; returns the statement's digest.

    Raises:
        BundleError: it has not passed its tests on this node as it is now, or its name is taken.
        SandboxError: there is no sandbox on this machine.
    """
    sandbox_programs()
    check_name(node, bundle.description.name)
    with node.index() as index:
        found = last_test(node, index, bundle.digest)
    if found is None:
        raise BundleError(f"{_named(bundle)} was not tested on this node: {_test(bundle)}.")
    statement, test = found
    if not test.passed:
        raise BundleError(
            f"{_named(bundle)} did not pass its tests on this node ({test.outcome}): see {statement.uri}."
        )
    require_current(bundle, test)
    return _decided(node, bundle, BundleChoice.APPROVED, statement)


def revoke(node: Node, bundle: Bundle) -> Digest:
    """Let a bundle's analyzer run here no more; what it found stays. Returns the statement's digest.

    Raises:
        BundleError: it was not approved.
    """
    with node.index() as index:
        decision = last_decision(node, index, bundle.digest)
    if decision is None or decision.choice is not BundleChoice.APPROVED:
        raise BundleError(f"{_named(bundle)} is not approved here, so there is nothing to take back.")
    return _decided(node, bundle, BundleChoice.REVOKED, decision.test)


def require_current(bundle: Bundle, test: BundleTest) -> None:
    """Hold a test to what would run now.

    Raises:
        BundleError: this program, a package or the platform is another since.
    """
    now = identity_with(bundle.description, bundle.code)
    then = test.analyzer
    changed = [
        f"{name} {then.environment.get(name, 'none')} then, {now.environment.get(name, 'none')} now"
        for name in sorted({*then.environment, *now.environment})
        if then.environment.get(name) != now.environment.get(name)
    ]
    if then.platform != platform_text():
        changed.append(f"{then.platform} then, {platform_text()} now")
    if test.software != (ours := ("vasculum", version("vasculum"))):
        changed.append(f"{' '.join(test.software)} then, {' '.join(ours)} now")
    if then.identity != now.digest and not changed:
        changed.append("its identity is another")
    if changed:
        raise BundleError(
            f"{_named(bundle)} was tested on something else ({'; '.join(changed)}): {_test(bundle)}, and "
            "approve it anew."
        )


def _decided(node: Node, bundle: Bundle, choice: BundleChoice, test: Digest) -> Digest:
    with node.writing():
        said = BundleDecision(
            id=new_statement_id(),
            agent=node.identity.public,
            made=datetime.now(UTC),
            bundle=bundle.digest,
            choice=choice,
            test=test,
        )
        return publish(node, said.document())


def _named(bundle: Bundle) -> str:
    return f"The bundle {bundle.description.name} {bundle.description.version}"


def _test(bundle: Bundle) -> str:
    return f"vasculum pipeline test {bundle.digest.hex[:12]}"
