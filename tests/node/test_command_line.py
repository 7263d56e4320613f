"""The command line is a contract: what is said where, and how each command ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from node.cli.main import COMMANDS, root
from node.compose import Node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_PROGRAM = [sys.executable, "-m", "node.cli"]


def _all_commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    context = click.Context(root)
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, part) for part in command.list_commands(context)]
    return found


@pytest.mark.parametrize("command", [(), *_all_commands()], ids=" ".join)
def test_every_command_explains_itself_in_100_columns(vasculum: Vasculum, command: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        said = vasculum(*command, flag)
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("Usage: vasculum")
        assert max(map(len, said.out.splitlines())) < 100
        assert "--json" in said.out or command in {
            ("analyzer",),
            ("annotate",),
            ("review",),
            ("pipeline",),
            ("index",),
            ("equivocation",),
            ("key",),
            ("withdrawals",),
            ("config",),
            ("dataset",),
            ("jobs",),
            ("user",),
            ("watch",),
            ("completion",),
            ("log",),
            ("peer",),
            ("tier",),
            ("slice",),
            ("mirror",),
            ("equivocation",),
            ("jobs",),
            ("watch",),
            ("dataset",),
        }


def test_the_list_of_commands_is_the_contract(vasculum: Vasculum) -> None:
    contract = "init doctor status config index completion track add ls show history cat verify cite"
    assert {*contract.split(), "verify-citation"} <= set(COMMANDS)
    listed = vasculum("--help").out
    for name, (_, about) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(about[:30])}", listed, re.MULTILINE), name


def test_the_version_is_told(vasculum: Vasculum) -> None:
    said = vasculum("--version")
    assert said.code == 0
    assert re.fullmatch(r"vasculum, version \d+\.\d+\.\d+\S*\n", said.out)


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("--frobnicate",),
        ("track",),
        ("track", "a", "b"),
        ("track", "x", "--max-per-host", "0"),
        ("track", "x", "--max-per-host", "many"),
        ("show",),
        ("cite", "x", "--format", "endnote"),
        ("history", "x", "--graph", "xml"),
        ("ls", "everything"),
        ("ls", "--limit", "0"),
        ("completion", "csh"),
        ("verify-citation", "/no/such/file"),
        ("add", "/no/such/file"),
        ("config", "frobnicate"),
        ("index",),
    ],
)
def test_what_is_typed_wrong_ends_with_2_and_says_nothing_on_stdout(
    tracked: Node, vasculum: Vasculum, arguments: tuple[str, ...]
) -> None:
    said = vasculum("--node", tracked.layout.root, *arguments)
    assert (said.code, said.out) == (2, "")
    assert "Usage" in said.err or "Error" in said.err


_QUESTIONS = [
    ("status",), ("ls",), ("ls", "log"), ("show", "snapshot"), ("history", "snapshot"), ("config", "check"),
    ("cite",), ("cite", "snapshot", "--format", "bibtex"), ("verify",), ("verify", "--deep"),
    ("index", "digest"), ("doctor",),
]  # fmt: skip


@pytest.mark.parametrize("command", _QUESTIONS, ids=" ".join)
def test_json_is_one_object_a_line_whose_last_sums_up_and_nothing_else(
    tracked: Node, vasculum: Vasculum, command: tuple[str, ...]
) -> None:
    before = vasculum("--json", "--node", tracked.layout.root, *command)
    after = vasculum(*command, "--json", "--node", tracked.layout.root)
    assert before.code == after.code == 0
    assert before.items
    assert all(isinstance(item, dict) for item in before.items)
    last = {key: value for key, value in before.summary.items() if key not in ("detail",)}
    assert last.items() <= after.summary.items(), "global options stand before or after"
    if len(before.items) > 1:
        assert before.summary["type"] == "summary"


@pytest.mark.parametrize("command", _QUESTIONS, ids=" ".join)
def test_words_for_people_are_no_json_and_quiet_leaves_only_data(
    tracked: Node, vasculum: Vasculum, command: tuple[str, ...]
) -> None:
    plain = vasculum("--node", tracked.layout.root, *command)
    quiet = vasculum("--quiet", "--node", tracked.layout.root, *command)
    assert plain.out
    assert quiet.err == ""
    assert quiet.out == plain.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(vasculum: Vasculum, shell: str) -> None:
    said = vasculum("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert "_VASCULUM_COMPLETE" in said.out
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=said.out.encode(), check=True, capture_output=True)


def test_completion_completes() -> None:
    asked = {"_VASCULUM_COMPLETE": "bash_complete", "COMP_WORDS": "vasculum ver", "COMP_CWORD": "1"}
    script = Path(sys.executable).with_name("vasculum")
    answer = subprocess.run([script], env={**os.environ, **asked}, capture_output=True, check=True)
    assert {line.partition(b",")[2] for line in answer.stdout.splitlines()} == {b"verify", b"verify-citation"}


def test_the_program_itself_keeps_data_and_words_apart(tmp_path: Path) -> None:
    """In a process of its own: exit codes and streams are what a shell sees."""
    environment = {**os.environ, "VASCULUM_NODE": str(tmp_path / "node")}

    def program(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*_PROGRAM, *arguments], env=environment, capture_output=True, check=False)

    (tmp_path / "a.txt").write_text("a")
    made = program("init", "--json")
    assert made.returncode == 0
    assert made.stderr.endswith(b"Next: vasculum track SOURCE\n")
    assert json.loads(made.stdout)["type"] == "node"
    added = program("--json", "add", str(tmp_path / "a.txt"))
    assert added.returncode == 0
    assert [json.loads(line)["type"] for line in added.stdout.splitlines()] == ["capture", "summary"]
    absent = program("show", "0" * 64)
    assert (absent.returncode, absent.stdout) == (1, b"")
    assert absent.stderr.startswith(b"Error: ")
    assert program("show").returncode == 2
    assert program("verify").returncode == 0
    blob = next((tmp_path / "node" / "blobs").glob("??/??/*"))
    blob.unlink()
    assert program("verify").returncode == 4


def test_a_reader_that_goes_away_is_no_error(tracked: Node) -> None:
    first = subprocess.run(
        f"{sys.executable} -m node.cli --node {tracked.layout.root} ls log --limit 5 | head -c 10",
        shell=True,
        capture_output=True,
        check=True,
    )
    assert b"Traceback" not in first.stderr


_AS_NOBODY = """
import importlib, json, os, pathlib, pkgutil, sys, tempfile
import crawlers, hashstore, manifests, node, provenance
for package in (crawlers, hashstore, manifests, node, provenance):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__") and ".testing" not in found.name:
            importlib.import_module(found.name)
import encodings.idna, encodings.utf_8_sig, encodings.ascii, encodings.latin_1
from node.cli import main

def child(arguments, streams):
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    for number, stream in enumerate(streams, 1):
        os.dup2(stream.fileno(), number)
    sys.argv[1:] = arguments
    main()

def said(arguments):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = os.fork()
        if process == 0:
            child(arguments, (out, err))
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        texts = [os.pread(stream.fileno(), 1_000_000, 0).decode() for stream in (out, err)]
        return [code, *texts]

print(json.dumps([said(arguments) for arguments in json.loads(sys.argv[1])]))
"""


def _as_nobody(node: Node, *commands: str) -> list[tuple[int, str, str]]:
    """Run commands as a user who may write nowhere; root, who may, gives that up once all is imported.

    All is imported once, and each command is a fork of that process: code, stdout and stderr of each.
    """
    asked = [["--node", str(node.layout.root), *command.split()] for command in commands]
    command = [sys.executable, "-c", _AS_NOBODY, json.dumps(asked)]
    answer = subprocess.run(command, capture_output=True, check=False)
    assert answer.returncode == 0, answer.stderr.decode()
    return [(code, out, err) for code, out, err in json.loads(answer.stdout)]


@pytest.fixture
def locked(tracked: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A copy of a node that others may read and nobody may write."""
    place = Path("/tmp") / f"vasculum-{tmp_path_factory.getbasetemp().name}-{os.getpid()}"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(tracked.layout.root, place)
    for path in (place, *place.rglob("*")):
        if not path.name.endswith(".pem"):
            path.chmod(0o555 if path.is_dir() else 0o444)
    return Node(Layout(place), tracked.config)


@pytest.mark.slow
def test_a_node_that_may_not_be_written_never_ends_in_a_traceback(locked: Node) -> None:
    commands = ("add /etc/hostname", "track /etc/hostname", "index rebuild", "init", "status", "cite")
    try:
        *refused, (code, checked, _) = _as_nobody(locked, *commands, "doctor")
        for command, (ended, out, err) in zip(commands, refused, strict=True):
            assert "Traceback" not in err, err
            assert (ended, out) == (1, ""), command
            assert str(locked.layout.root) in err
        assert code == 1
        assert "MEND" in checked
    finally:
        for path in (locked.layout.root, *locked.layout.root.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(locked.layout.root)


@pytest.mark.parametrize("room", [pytest.param(1_000, marks=pytest.mark.slow), 20_000, 200_000])
def test_a_disk_that_is_full_ends_a_command_in_one_line_and_harms_nothing(
    fresh: Node, tmp_path: Path, vasculum: Vasculum, room: int
) -> None:
    """No file may grow beyond `room` bytes, which the kernel tells as it tells of a full disk."""
    big = tmp_path / "big.bin"
    big.write_bytes(os.urandom(300_000))
    limited = (
        "import resource, sys; from node.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); main()"
    )
    said = subprocess.run(
        [sys.executable, "-c", limited, "--node", str(fresh.layout.root), "add", str(big)],
        capture_output=True,
        check=False,
    )
    assert said.returncode == 1, said.stderr.decode()
    assert b"Traceback" not in said.stderr, said.stderr.decode()
    assert b"Error: " in said.stderr
    assert vasculum("--node", fresh.layout.root, "add", big).code == 0
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


def test_a_log_without_its_lock_file_is_not_signed(fresh: Node, vasculum: Vasculum, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    fresh.layout.log_lock.unlink()
    checkpoint = (fresh.layout.log / "checkpoint").read_bytes()
    for command in (("add", tmp_path / "a.txt"), ("track", tmp_path / "a.txt")):
        said = vasculum("--node", fresh.layout.root, *command)
        assert (said.code, said.out) == (1, "")
        assert "log.lock" in said.err
        assert "could fork the log" in said.err
    assert not fresh.layout.log_lock.exists()
    assert (fresh.layout.log / "checkpoint").read_bytes() == checkpoint
    assert vasculum("--node", fresh.layout.root, "status").code == 0
    doctor = vasculum("--node", fresh.layout.root, "doctor")
    assert doctor.code == 1
    assert re.search(r"MEND\s+log: .*log\.lock", doctor.out)


@pytest.mark.parametrize("missing", ["log.vkey", "log.pem", "identity.pem"])
def test_a_missing_key_is_named(fresh: Node, vasculum: Vasculum, tmp_path: Path, missing: str) -> None:
    (tmp_path / "a.txt").write_text("a")
    (fresh.layout.root / "keys" / missing).unlink()
    said = vasculum("--node", fresh.layout.root, "doctor")
    assert said.code == 1
    assert missing in said.out
    added = vasculum("--node", fresh.layout.root, "add", tmp_path / "a.txt")
    assert added.code == 1
    assert missing in added.err


def test_doctor_finds_nothing_to_mend_on_a_sound_node(fresh: Node, vasculum: Vasculum) -> None:
    said = vasculum("--json", "--node", fresh.layout.root, "doctor")
    assert said.code == 0
    assert said.summary == {"type": "summary", "checks": len(said.items) - 1, "toMend": 0}
