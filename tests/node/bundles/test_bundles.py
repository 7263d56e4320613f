"""A bundle is packed, handed in, tested, approved and run; whoever lies on the way gets no further."""

from __future__ import annotations

import json
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzers.bundle.manifest import read_bundle
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.bundles import decide
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from provenance.statement import parse_statement, verify_statement
from provenance.statement.kinds.analysis_run import read_analysis_run
from provenance.statement.kinds.bundle import read_bundle_test
from tests.node.bundles.conftest import png

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture
def pictured(fresh: Node, tmp_path: Path, vasculum: Vasculum) -> Node:
    """A node with two pictures."""
    (tmp_path / "images").mkdir()
    for red in (3, 4):
        (tmp_path / "images" / f"{red}.png").write_bytes(png(red))
    assert vasculum("--quiet", "--node", fresh.layout.root, "add", tmp_path / "images").code == 0
    return fresh


def unpacked(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_a_bundle_is_packed_submitted_tested_approved_run_and_listed(
    pictured: Node, packed: Path, vasculum: Vasculum
) -> None:
    node = ("--json", "--node", pictured.layout.root)
    bundle = vasculum(*node, "pipeline", "submit", packed).summary["bundle"]
    assert vasculum(*node, "analyze", "mean-red").code == 1, "nothing runs that nobody approved"
    said = vasculum(*node, "pipeline", "approve", bundle)
    assert (said.code, "was not tested" in said.err) == (1, True)
    tested = vasculum(*node, "pipeline", "test", "mean-red")
    assert (tested.code, tested.summary["outcome"], tested.summary["items"]) == (
        0,
        "identical",
        {"identical": 3},
    )
    assert vasculum(*node, "pipeline", "approve", bundle[14:26]).code == 0
    run = vasculum(*node, "analyze", "mean-red", "--set", "times=3").summary
    assert (run["analyzed"], run["failed"]) == (2, 0)
    with pictured.index() as index:
        rows = index.rows("SELECT value FROM finding ORDER BY value", [])
        assert [row["value"] for row in rows] == ["120", "90"]
    listed = [one for one in vasculum(*node, "analyzer", "ls").of("analyzer") if one["name"] == "mean-red"]
    signed = read_analysis_run(parse_statement(pictured.store.read(Digest.parse(run["statement"]))))
    assert [one["identity"] for one in listed] == [signed.analyzer.identity.uri]
    assert vasculum(*node, "analyzer", "show", "mean-red").summary["identity"] == listed[0]["identity"]
    statement = parse_statement(pictured.store.read(Digest.parse(tested.summary["statement"])))
    assert verify_statement(statement)
    assert read_bundle_test(statement).bundle.uri == bundle
    assert vasculum("--node", pictured.layout.root, "verify", "--deep").code == 0
    assert vasculum(*node, "pipeline", "approve", bundle, "--revoke").code == 0
    assert vasculum(*node, "analyze", "mean-red").code == 1
    assert vasculum(*node, "pipeline", "approve", bundle, "--revoke").code == 1


def test_handing_the_same_in_again_changes_nothing(fresh: Node, packed: Path, vasculum: Vasculum) -> None:
    node = ("--json", "--node", fresh.layout.root)
    one = vasculum(*node, "pipeline", "submit", packed).summary
    folder = written(packed.parent / "folder", unpacked(packed))
    assert vasculum(*node, "pipeline", "submit", folder).summary == one


def test_the_same_project_makes_the_same_bytes(packed: Path, project: Path, vasculum: Vasculum) -> None:
    again = packed.with_name("again.zip")
    assert vasculum("--quiet", "pipeline", "pack", project, again).code == 0
    assert again.read_bytes() == packed.read_bytes()
    assert vasculum("pipeline", "pack", project, packed).code == 1, "nothing is written over"


def test_a_bundle_whose_bytes_were_changed_is_refused_whole(
    fresh: Node, packed: Path, vasculum: Vasculum
) -> None:
    files, size = unpacked(packed), fresh.reader.head().size
    bundle = read_bundle(files["bundle.json"])
    for digest in bundle.parts:
        name = f"blobs/{digest.hex}"
        for place, changed in enumerate(({**files, name: files[name] + b" "}, {**files, name: b""})):
            folder = written(packed.parent / f"{digest.hex[:8]}-{place}", changed)
            said = vasculum("--node", fresh.layout.root, "pipeline", "submit", folder)
            assert (said.code, "were changed" in said.err) == (1, True)
    without = {name: data for name, data in files.items() if bundle.code.hex not in name}
    said = vasculum(
        "--node", fresh.layout.root, "pipeline", "submit", written(packed.parent / "without", without)
    )
    assert (said.code, "cannot be read" in said.err) == (1, True)
    cut = packed.parent / "cut.zip"
    cut.write_bytes(packed.read_bytes()[:-200])
    assert vasculum("--node", fresh.layout.root, "pipeline", "submit", cut).code == 1
    assert fresh.reader.head().size == size
    assert not any(fresh.store.contains(digest) for digest in bundle.parts)


def changed_manifest(packed: Path, **analyzer: object) -> Path:
    files = unpacked(packed)
    manifest = json.loads(files["bundle.json"])
    manifest["analyzer"].update(analyzer)
    return written(packed.parent / "lying", {**files, "bundle.json": canonical_json(manifest)})


def test_a_manifest_that_says_other_than_the_code_fails(
    fresh: Node, packed: Path, vasculum: Vasculum
) -> None:
    node = ("--json", "--node", fresh.layout.root)
    lying = changed_manifest(packed, determinism="tolerance(1000)", seconds="9")
    bundle = vasculum(*node, "pipeline", "submit", lying).summary["bundle"]
    said = vasculum(*node, "pipeline", "test", bundle)
    assert (said.code, said.summary["outcome"]) == (4, "different")
    assert said.summary["faults"] == ["its code declares another determinism, seconds than its manifest"]
    refused = vasculum(*node, "pipeline", "approve", bundle)
    assert (refused.code, "did not pass" in refused.err) == (1, True)


def test_a_test_whose_output_is_another_fails_and_is_signed(
    fresh: Node, packed: Path, vasculum: Vasculum
) -> None:
    node, files = ("--json", "--node", fresh.layout.root), unpacked(packed)
    manifest = json.loads(files["bundle.json"])
    wrong = canonical_json({"findings": [{"kind": "red", "value": "10.5"}]})
    close = canonical_json({"findings": [{"kind": "red", "value": "40.04"}]})
    for test in manifest["tests"]:
        test["expected"] = Digest.of(close if "parameters" in test else wrong).uri
    files.update({f"blobs/{Digest.of(data).hex}": data for data in (wrong, close)})
    folder = written(packed.parent / "wrong", {**files, "bundle.json": canonical_json(manifest)})
    bundle = vasculum(*node, "pipeline", "submit", folder).summary["bundle"]
    said = vasculum(*node, "pipeline", "test", bundle)
    assert said.code == 4
    assert said.summary["items"] == {"different": 2, "within-tolerance": 1}
    assert vasculum(*node, "pipeline", "approve", bundle).code == 1


_OVER = [(name, "ANALYZER = 1") for name in ("json", "sitecustomize", "numpy", "hashstore", "analyzers")]


def test_code_that_would_lie_over_other_code_or_is_none_is_refused(
    fresh: Node, packed: Path, vasculum: Vasculum
) -> None:
    files = unpacked(packed)
    for place, (package, source) in enumerate([*_OVER, ("mine", "nothing = 1"), ("mine", "ANALYZER = (")]):
        code = canonical_json({package: source})
        manifest = {**json.loads(files["bundle.json"]), "code": Digest.of(code).uri}
        over = {**files, "bundle.json": canonical_json(manifest), f"blobs/{Digest.of(code).hex}": code}
        folder = written(packed.parent / f"over-{place}", over)
        said = vasculum("--node", fresh.layout.root, "pipeline", "submit", folder)
        assert (package, said.code, "Traceback" in said.err) == (package, 1, False)


def test_the_name_of_an_installed_analyzer_is_refused(fresh: Node, packed: Path, vasculum: Vasculum) -> None:
    folder = changed_manifest(packed, name="image-facts")
    said = vasculum("--node", fresh.layout.root, "pipeline", "submit", folder)
    assert (said.code, "is installed here" in said.err) == (1, True)


def test_what_is_withheld_here_is_read_by_no_bundle(fresh: Node, packed: Path, vasculum: Vasculum) -> None:
    # A bundle that names a picture which this node took back; its author has the bytes.
    root = fresh.layout.root
    (packed.parent / "images").mkdir()
    (packed.parent / "images" / "one.png").write_bytes(png(1))
    assert vasculum("--quiet", "--node", root, "add", packed.parent / "images").code == 0
    assert vasculum("--node", root, "withdraw", Digest.of(png(1)).uri, "--reason", "error").code == 0
    said = vasculum("--node", root, "pipeline", "submit", packed)
    assert (said.code, "is not public" in said.err) == (1, True)


def test_an_approval_holds_for_what_was_tested_alone(
    fresh: Node, packed: Path, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = ("--json", "--node", fresh.layout.root)
    bundle = vasculum(*node, "pipeline", "submit", packed).summary["bundle"]
    assert vasculum(*node, "pipeline", "test", bundle).code == 0
    with monkeypatch.context() as patched:
        patched.setattr(decide, "platform_text", lambda: "another machine")
        said = vasculum(*node, "pipeline", "approve", bundle)
        assert (said.code, "was tested on something else" in said.err) == (1, True)
    assert vasculum(*node, "pipeline", "approve", bundle).code == 0
    monkeypatch.setattr(
        "analyzers.identity.version", lambda name: "0.1" if name == "numpy" else version(name)
    )
    said = vasculum(*node, "analyze", "mean-red")
    assert said.code == 1
    assert f"numpy {version('numpy')} then, 0.1 now" in said.err


@pytest.mark.slow
def test_another_node_reproduces_what_a_bundle_found_without_having_it(
    pictured: Node, packed: Path, vasculum: Vasculum, served: Served, tmp_path: Path
) -> None:
    node = ("--json", "--node", pictured.layout.root)
    for command in ("submit", "test", "approve"):
        what = packed if command == "submit" else "mean-red"
        assert vasculum(*node, "pipeline", command, what).code == 0
    run = vasculum(*node, "analyze", "mean-red").summary["statement"]
    bundle = read_bundle(unpacked(packed)["bundle.json"]).digest
    other = create_node(Layout(tmp_path / "other"), "Other Herbarium", "other.test/log")
    there = ("--json", "--node", other.layout.root)
    with served(pictured.layout.root) as url:
        assert vasculum("--node", other.layout.root, "peer", "add", url).code == 0
        assert vasculum("--node", other.layout.root, "sync").code == 0
        assert vasculum(*there, "analyze", "mean-red").code == 1, "another's approval counts there alone"
        said = vasculum(*there, "reproduce", run, "--sign")
        assert vasculum(*there, "pipeline", "submit", bundle.uri).code == 0, (
            "the bundle travels by its digest"
        )
    assert (said.code, said.summary["outcome"], said.summary["items"]) == (0, "identical", {"identical": 2})
    assert said.summary["sandbox"] is True
    assert said.summary["surroundings"] == []
    assert vasculum(*there, "pipeline", "test", bundle.uri).code == 0
