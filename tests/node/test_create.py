from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.compose import PASSPHRASE_VARIABLE, Node, open_node
from node.create import create_node
from node.errors import ConfigError, NodeError
from node.layout import Layout
from provenance.errors import ProvenanceError
from provenance.keys import SigningKey
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.statement import parse_statement, verify_statement

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def test_the_first_entry_of_a_log_says_which_keys_belong_together(fresh: Node) -> None:
    assert fresh.reader.head().size == 1
    leaf = decode_leaf(fresh.reader.leaf(0))
    assert isinstance(leaf, StatementLeaf)
    statement = parse_statement(fresh.store.read(leaf.statement))
    assert {verified.did for verified in verify_statement(statement)} == {fresh.identity_public.did}
    assert str(fresh.log_key) in json.dumps(statement.document)


def test_private_keys_are_their_owners_alone(fresh: Node) -> None:
    for path in (fresh.layout.identity_key, fresh.layout.log_key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_node_is_never_made_over_another(fresh: Node, vasculum: Vasculum) -> None:
    before = {path: path.read_bytes() for path in fresh.layout.root.rglob("*") if path.is_file()}
    said = vasculum("--node", fresh.layout.root, "init", "--name", "Other")
    assert (said.code, said.out) == (1, "")
    assert "stays as it is" in said.err
    assert {path: path.read_bytes() for path in fresh.layout.root.rglob("*") if path.is_file()} == before


def test_init_tells_the_keys_that_others_need(tmp_path: Path, vasculum: Vasculum) -> None:
    said = vasculum(
        "--json", "--node", tmp_path / "n", "init", "--name", "Žižka & Söhne", "--origin", "z.test/l"
    )
    node = open_node(Layout(tmp_path / "n"))
    assert said.code == 0
    assert said.summary == {
        "type": "node",
        "node": str(tmp_path / "n"),
        "name": "Žižka & Söhne",
        "origin": "z.test/l",
        "identity": node.identity_public.did,
        "logKey": str(node.log_key),
    }


def test_two_nodes_never_share_the_name_of_their_logs(tmp_path: Path) -> None:
    first = create_node(Layout(tmp_path / "a"), "A")
    second = create_node(Layout(tmp_path / "b"), "A")
    assert first.config.identity.origin != second.config.identity.origin


@pytest.mark.parametrize(
    ("name", "origin"),
    [("", "a.test"), ("A", "a b"), ("A", "a+b"), ("A", ""), ("\udcff", "a.test"), ("A", "\x00")],
)
def test_a_name_that_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, name: str, origin: str, vasculum: Vasculum
) -> None:
    with pytest.raises(ConfigError):
        create_node(Layout(tmp_path / "n"), name, origin)
    assert not (tmp_path / "n").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, vasculum: Vasculum) -> None:
    (tmp_path / "file").write_text("here first")
    said = vasculum("--node", tmp_path / "file" / "node", "init")
    assert (said.code, said.out) == (1, "")
    assert str(tmp_path / "file") in said.err


@pytest.mark.parametrize(
    "gone", [("node.toml",), ("node.toml", "log", "log.lock", "blobs"), ("node.toml", "keys/log.vkey")]
)
def test_an_init_that_was_cut_short_can_run_again(
    tmp_path: Path, vasculum: Vasculum, gone: tuple[str, ...]
) -> None:
    """The settings are written last: whatever else a killed init left, the next one ends it."""
    root = tmp_path / "node"
    made = create_node(Layout(root), "First")
    identity = made.identity_public
    for name in gone:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert vasculum("--node", root, "init", "--name", "First").code == 0
    assert vasculum("--node", root, "verify", "--deep").code == 0
    assert open_node(Layout(root)).identity_public == identity


@pytest.mark.slow
def test_an_init_that_was_killed_at_any_instant_can_run_again(tmp_path: Path, vasculum: Vasculum) -> None:
    root = tmp_path / "node"
    for delay in (0.05, 0.1, 0.2, 0.3, 0.4, 0.6):
        process = subprocess.Popen(
            [sys.executable, "-m", "node.cli", "--node", str(root), "init"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    if not (root / "node.toml").exists():
        assert vasculum("--node", root, "init").code == 0
    assert vasculum("--node", root, "verify", "--deep").code == 0


def test_keys_under_a_passphrase_sign_only_for_who_knows_it(
    tmp_path: Path, vasculum: Vasculum, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, picture = tmp_path / "node", tmp_path / "a.txt"
    picture.write_text("bytes")
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "open sesame")
    assert vasculum("--node", root, "init", "--passphrase").code == 0
    assert vasculum("--node", root, "add", picture).code == 0
    with pytest.raises(ProvenanceError):
        SigningKey.load(root / "keys" / "log.pem")
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "open barley")
    wrong = vasculum("--node", root, "add", picture)
    assert wrong.code == 1
    assert "passphrase is wrong" in wrong.err
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    absent = vasculum("--node", root, "add", picture)
    assert absent.code == 1
    assert "passphrase" in absent.err
    assert PASSPHRASE_VARIABLE in absent.err, "it says where the passphrase is looked for"
    assert vasculum("--node", root, "status").code == 0, "reading needs no private key"


@pytest.mark.slow
def test_a_node_may_lie_in_a_folder_of_any_name(tmp_path: Path, vasculum: Vasculum) -> None:
    """Brackets, stars, quotes, percent and hash signs all mean something to one library or another."""
    root = tmp_path / "we[i]rd 'n\"ode' * #1 %20 ünï"
    things = tmp_path / "things [1] #2 %41"
    things.mkdir()
    (things / "a b#%41.txt").write_text("bytes")
    assert vasculum("--node", root, "init").code == 0
    assert vasculum("--node", root, "add", things).code == 0
    assert vasculum("--node", root, "add", things).code == 0
    assert vasculum("--node", root, "verify", "--deep").code == 0
    assert vasculum("--node", root, "index", "rebuild").code == 0
    assert vasculum("--json", "--node", root, "status").summary["blobs"] > 1


def test_without_a_node_error_there_is_no_node(tmp_path: Path) -> None:
    create_node(Layout(tmp_path), "A")
    with pytest.raises(NodeError, match="already"):
        create_node(Layout(tmp_path), "A")
    assert os.listdir(tmp_path)
