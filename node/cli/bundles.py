"""`vasculum pipeline pack`, `submit`, `test` and `approve`: analyzers that others made, as bundles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import fetching, sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzers.identity import Identity
    from node.bundles.known import Approved
    from node.bundles.trial import Tested

_MOST_TOLD = 10


@click.command(cls=Command)
@click.argument("project", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def pack(output: Output, project: Path, target: Path) -> None:
    """Make a bundle of the analyzer in the folder PROJECT, as TARGET: a ZIP, or a folder.

    PROJECT has a pyproject.toml with one analyzer, its sources, a licence, and pictures to test it on
    (`vasculum analyzer new` begins one). Its tests are run in the sandbox; what is expected of a picture and
    is not told comes from that run.
    """
    from node.bundles.errors import BundleError
    from node.bundles.files import write_bundle
    from node.bundles.pack import pack as packed

    if target.exists():
        raise BundleError(f"{target} is there already; name another.")
    made = packed(project)
    write_bundle(made.bundle, made.parts, target)
    fields = {"bundle": made.bundle.digest.uri, "path": str(target), "tests": len(made.bundle.trials)}
    words = f"{made.bundle.digest}\n{target}: {len(made.bundle.trials)} tests, {len(made.parts) + 1} files."
    output.item({"type": "summary", **fields}, words)


@click.command(cls=Command)
@click.argument("bundle", metavar="PATH|H")
@sources
@click.pass_obj
def submit(output: Output, bundle: str, urls: tuple[str, ...], disks: tuple[Path, ...]) -> None:
    """Take in a bundle: a ZIP, a folder, or the digest of one that others have. Nothing is run.

    Each of its files is checked by its digest, and that it was handed in is signed.
    """
    from hashstore.digest import Digest
    from node.bundles.files import opened
    from node.bundles.submit import submit_digest, submit_files
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    if Path(bundle).exists():
        with opened(Path(bundle)) as files:
            digest, statement = files.bundle.digest, submit_files(node, files)
    else:
        digest = Digest.parse(bundle)
        with fetching(node, output, urls, disks) as fetch:
            statement = submit_digest(node, digest, fetch)
    fields = {"bundle": digest.uri, "statement": statement.uri}
    output.item({"type": "summary", **fields}, f"{digest}\nNext: vasculum pipeline test {digest.hex[:12]}")


@click.command(cls=Command)
@click.argument("bundle", metavar="H|NAME")
@click.pass_obj
def test(output: Output, bundle: str) -> Exit:
    """Run the tests of a bundle in the sandbox, and sign what came of them.

    Exit code 0 means that its outputs are those that it declares, 3 that a test gave none, 4 that others
    came.
    """
    from node.bundles.known import find_bundle
    from node.bundles.trial import Tested, run_tests, sign_test
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    with node.index() as index:
        tested = Tested(find_bundle(node, index, bundle))
    told = 0
    with output.progress("Testing", len(tested.bundle.trials)) as bar:
        for one in run_tests(node, tested):
            bar.advance()
            fields = {"type": "test", "input": one.trial.input.uri, "verdict": one.verdict.value}
            words = f"{one.verdict.value}: {one.trial.input}: {'; '.join(one.differences[:5])}"
            told += bool(one.differences)
            output.item(
                {**fields, "differences": list(one.differences)},
                words if one.differences and told <= _MOST_TOLD else None,
            )
    sign_test(node, tested)
    return _sum_up(output, tested)


def _sum_up(output: Output, tested: Tested) -> Exit:
    bundle = tested.bundle
    counts = {verdict.value: count for verdict, count in tested.counts.items()}
    words = [f"{bundle.description.name} {bundle.description.version}: {tested.outcome}"]
    words += [f"    {one}" for one in tested.faults]
    words += ["Packages are others here:", *(f"    {one}" for one in tested.other)] if tested.other else []
    assert tested.statement is not None
    words.append(f"Signed: {tested.statement.uri}")
    passed = tested.outcome in ("identical", "within-tolerance")
    words += [f"Next: vasculum pipeline approve {bundle.digest.hex[:12]}"] if passed else []
    fields = {
        "bundle": bundle.digest.uri,
        "outcome": tested.outcome,
        "items": counts,
        "faults": tested.faults,
        "surroundings": tested.other,
        "statement": tested.statement.uri,
    }
    output.item({"type": "summary", **fields}, "\n".join(words))
    return {"different": Exit.VERIFICATION_FAILED, "incomplete": Exit.PARTIAL}.get(tested.outcome, Exit.OK)


@click.command(cls=Command)
@click.argument("bundle", metavar="H|NAME")
@click.option("--revoke", is_flag=True, help="Take an approval back; what was found stays.")
@click.pass_obj
def approve(output: Output, bundle: str, revoke: bool) -> None:
    """Let the analyzer of a bundle run over this node's images: `vasculum analyze NAME`.

    It runs in the sandbox, always. It must have passed its tests on this node, with the packages that are
    installed now.
    """
    from node.bundles import decide
    from node.bundles.known import find_bundle
    from node.compose import open_node
    from node.layout import find_node

    node = open_node(find_node(output.node))
    with node.index() as index:
        found = find_bundle(node, index, bundle)
    name, version = found.description.name, found.description.version
    statement = decide.revoke(node, found) if revoke else decide.approve(node, found)
    words = f"{name} {version} runs here no more." if revoke else f"Next: vasculum analyze {name}"
    fields = {
        "bundle": found.digest.uri,
        "analyzer": name,
        "approved": not revoke,
        "statement": statement.uri,
    }
    output.item({"type": "summary", **fields}, words)


def _approved(output: Output) -> Mapping[str, Approved]:
    """The bundles that were approved at the node, if there is one."""
    from node.bundles.known import approved_bundles
    from node.compose import open_node
    from node.errors import NodeNotFound
    from node.layout import find_node

    try:
        node = open_node(find_node(output.node))
    except NodeNotFound:
        return {}
    with node.index() as index:
        return approved_bundles(node, index)


def approved_identity(output: Output, name: str) -> Identity | None:
    """What the analyzer of an approved bundle is, run here; None if no such bundle was approved."""
    from analyzers.identity import identity_with
    from analyzers.registry import analyzer_names

    found = None if name in analyzer_names() else _approved(output).get(name)
    return identity_with(found.bundle.description, found.bundle.code) if found else None


def list_approved(output: Output) -> int:
    """List the bundles that were approved at the node, if there is one; returns how many."""
    from node.bundles.decide import require_current
    from node.bundles.errors import BundleError

    found = _approved(output)
    for name, one in sorted(found.items()):
        about = one.bundle.description
        try:
            require_current(one.bundle, one.test)
        except BundleError as error:
            output.item({"type": "unusable", "name": name, "words": str(error)}, f"{name}: {error}")
            continue
        words = (
            f"{name} {about.version}  {one.test.analyzer.identity.hex[:12]}  {about.determinism.text}  "
            f"approved, in the sandbox\n    {about.about}"
        )
        fields = {
            "name": name,
            "version": about.version,
            "identity": one.test.analyzer.identity.uri,
            "bundle": one.bundle.digest.uri,
            "approved": True,
            "about": about.about,
            "license": about.license,
        }
        output.item({"type": "analyzer", **fields}, words)
    return len(found)


COMMANDS = (pack, submit, test, approve)
