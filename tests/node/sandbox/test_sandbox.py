"""Code that does everything wrong that a stranger's may do, in a real sandbox: nothing comes of it."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from analyzers.code import code_bundle
from analyzers.describe import describe_unit
from analyzers.engine.batches import run_batches
from analyzers.engine.pool import Allowance, UnitRefused, WorkerPool
from analyzers.output import Failing, Failure, Output, decode_result
from hashstore.digest import Digest
from node.sandbox import programs
from node.sandbox.errors import SandboxError
from node.sandbox.pool import SandboxPool, sandbox_pool
from tests.node.sandbox.conftest import foreign

if TYPE_CHECKING:
    from tests.node.sandbox.conftest import Did


def found(results: list[Output | Failure]) -> list[str | None]:
    """What the analyzer got hold of at the second picture."""
    (output,) = results[1:2]
    assert isinstance(output, Output), output
    return [one.text for one in output.findings]


def failing(results: list[Output | Failure]) -> Failing:
    """How it failed at the second picture, and at no other."""
    assert [isinstance(one, Output) for one in results] == [True, False, True]
    failure = results[1]
    assert isinstance(failure, Failure)
    assert "swordfish" not in repr(results)
    return failure.failing


def test_a_sandbox_comes_to_the_same_bytes_as_a_plain_worker(
    sandbox: None, items: list[dict[str, Any]]
) -> None:
    order: dict[str, Any] = {"analyzer": "image-facts", "parameters": {}, "models": {}}
    with WorkerPool(1, Allowance(4 << 30, 10.0)) as plain:
        outside = [one for batch in run_batches(plain, order, items, 2) for one in batch]
    code = code_bundle("analyzers.builtin.image_facts")
    kinds = {finding["kind"]: "" for one in outside for finding in one["findings"]}  # type: ignore[union-attr,index,call-overload]
    with sandbox_pool(
        foreign(name="image-facts", code=code, kinds=kinds), 1, Allowance(4 << 30, 10.0)
    ) as box:
        inside = [one for batch in run_batches(box, order, items, 2) for one in batch]
    assert inside == outside


def test_what_it_declares_is_told_by_the_sandbox(pool: SandboxPool) -> None:
    told = pool.submit(describe_unit, {"analyzer": "wild", "models": {}}).result()
    assert (told["name"], told["task"], told["memory"]) == ("wild", "describe", 2 << 30)


@pytest.mark.parametrize("deed", ["crash", "leave"])
def test_code_that_ends_its_process_fails_at_its_picture_alone(did: Did, deed: str) -> None:
    assert failing(did(deed)) is Failing.CRASHED


@pytest.mark.slow
@pytest.mark.parametrize("deed", ["hang", "spin"])
def test_code_that_never_ends_is_ended(sandbox: None, did: Did, deed: str) -> None:
    with sandbox_pool(foreign(), 1, Allowance(2 << 30, 0.1), None, start=1.5) as hasty:
        assert failing(did(deed, executor=hasty)) is Failing.TIMEOUT


def test_memory_is_limited(did: Did) -> None:
    assert failing(did("eat")) is Failing.OUT_OF_MEMORY


@pytest.mark.parametrize("deed", ["fork", "start"])
def test_no_process_can_be_started(did: Did, deed: str) -> None:
    assert failing(did(deed)) is Failing.FAILED


@pytest.mark.slow
def test_threads_without_end_come_to_an_end(did: Did) -> None:
    assert failing(did("threads")) in (Failing.FAILED, Failing.OUT_OF_MEMORY, Failing.CRASHED)
    assert found(did("nice"))[0] is None


def test_its_temporary_folder_is_limited(did: Did) -> None:
    assert failing(did("fill", "/tmp")) in (Failing.FAILED, Failing.CRASHED)


def test_nothing_can_be_written_but_temporary_files(did: Did, tmp_path: Path) -> None:
    folders = ["/", "/code", "/in", "/program", "/program/analyzers", "/usr", "/usr/bin", "/etc", "/dev"]
    folders += ["/dev/shm", "/sys", "/proc/sys/kernel", "/var/tmp", "/run", str(Path.home()), str(tmp_path)]
    ours = [str(Path.cwd()), sys.prefix, *(path for path in sys.path if path)]
    # Below /tmp lies another folder inside: what is written there is not written here.
    folders += [one for one in ours if one.startswith(sys.prefix) or not one.startswith("/tmp/")]
    assert found(did("write", json.dumps(folders))) == []
    assert len(found(did("write", json.dumps(["/tmp"])))) == 1, "whoever tries is told of what succeeds"
    assert not (tmp_path / "written").exists()
    assert not [one for one in ours if Path(one, "written").exists()]


def test_no_socket_of_any_family_can_be_opened(did: Did) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert found(did("sockets", str(listening.getsockname()[1]))) == []
        listening.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listening.accept()


def test_neither_keys_nor_other_files_can_be_read(did: Did, pool: SandboxPool, tmp_path: Path) -> None:
    (hidden,) = pool.box.hidden
    (hidden / "identity.pem").write_text("secret")
    (tmp_path / "other").write_text("secret")
    paths = [hidden / "identity.pem", hidden, tmp_path / "other", tmp_path, Path.home(), Path.cwd()]
    paths += [
        Path("/etc/passwd"),
        Path("/etc/shadow"),
        Path("/root"),
        Path("/home"),
        Path("/var"),
        Path("/tmp"),
    ]
    got = found(did("read", json.dumps([str(path) for path in paths])))
    assert [one for one in got if (one and "identity" in one) or "secret" in str(one)] == []
    assert len(found(did("read", json.dumps(["/code/wild_code.py"])))) == 1, "its own code can be"
    assert found(did("look", "/in"))[1:] == [], "only the folder of its own pictures is there"
    shown = {
        "bin",
        "code",
        "dev",
        "etc",
        "in",
        "lib",
        "lib32",
        "lib64",
        "models",
        "proc",
        "program",
        "sbin",
        "sys",
    }
    shown |= {"tmp", "usr", *(Path(place).parts[1] for place in (sys.prefix, sys.base_prefix))}
    assert set(found(did("look", "/"))) <= shown


def test_a_node_within_what_is_shown_is_hidden(sandbox: None, did: Did) -> None:
    # As if a node lay in the folder of Python's packages.
    hidden = Path(sys.prefix) / "share"
    hidden.mkdir(exist_ok=True)
    with sandbox_pool(foreign(hidden=(hidden,)), 1, Allowance(2 << 30, 3.0)) as box:
        assert found(did("look", str(hidden), executor=box)) == []


def test_the_environment_has_no_secrets(sandbox: None, did: Did, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VASCULUM_PASSPHRASE", "open sesame")
    with sandbox_pool(foreign(), 1, Allowance(2 << 30, 3.0)) as box:
        assert found(did("environment", "sesame", executor=box)) == []


@pytest.mark.parametrize("deed", ["shout", "promise"])
def test_what_it_prints_goes_nowhere_and_what_is_no_answer_ends_it(did: Did, deed: str) -> None:
    assert failing(did(deed)) is Failing.CRASHED


def test_what_an_error_says_is_short_and_harmless(did: Did) -> None:
    results = did("says")
    assert failing(results) is Failing.FAILED
    assert isinstance(results[1], Failure)
    assert len(results[1].words) <= 500
    assert results[1].words.isprintable()


@pytest.mark.parametrize("what", ["nan", "outside", "undeclared", "controls", "many"])
def test_findings_are_checked_outside_when_nothing_checks_them_inside(
    sandbox: None, did: Did, what: str, pool: SandboxPool
) -> None:
    results = did("unchecked", what)
    assert isinstance(results[1], Failure)
    assert results[1].failing is Failing.BAD_OUTPUT


@pytest.mark.parametrize("what", ["other", "none", "list", "deep"])
def test_results_that_are_none_or_of_other_pictures_are_refused(sandbox: None, did: Did, what: str) -> None:
    with sandbox_pool(foreign(), 1, Allowance(2 << 30, 3.0)) as box:
        results = did("swaps", what, box)
    assert {one.failing for one in results if isinstance(one, Failure)} == {Failing.BAD_OUTPUT}
    assert len(results) == 3


def test_a_picture_that_can_be_read_is_not_said_to_be_damaged(did: Did) -> None:
    assert failing(did("denies")) is Failing.BAD_OUTPUT


def test_a_model_whose_bytes_were_changed_is_refused(
    sandbox: None, items: list[dict[str, Any]], tmp_path: Path
) -> None:
    path, digest = tmp_path / "model", Digest.of(b"as it was")
    path.write_bytes(b"changed")
    order: dict[str, Any] = {
        "analyzer": "wild",
        "parameters": {"deed": "", "what": ""},
        "models": {"net": {"path": str(path), "digest": digest.uri}},
    }
    given = foreign(models={"net": (path, digest)})
    with sandbox_pool(given, 1, Allowance(2 << 30, 3.0)) as box, pytest.raises(UnitRefused, match="changed"):
        list(run_batches(box, order, items, 1))


def test_a_picture_that_is_not_here_is_missing_inside_too(pool: SandboxPool, tmp_path: Path) -> None:
    item = {"digest": Digest.of(b"nowhere").uri, "path": str(tmp_path / "nowhere")}
    order: dict[str, Any] = {"analyzer": "wild", "parameters": {"deed": "", "what": ""}, "models": {}}
    ((result,),) = run_batches(pool, order, [item], 1)
    found = decode_result(result)
    assert isinstance(found, Failure)
    assert found.failing is Failing.MISSING


def test_no_process_and_no_file_outlives_the_sandbox(
    sandbox: None, items: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "sandbox-999999999-left").mkdir()
    order: dict[str, Any] = {"analyzer": "wild", "parameters": {"deed": "", "what": ""}, "models": {}}
    with sandbox_pool(foreign(), 1, Allowance(2 << 30, 3.0), tmp_path) as box:
        list(run_batches(box, order, items, 1))
        numbers = box.processes
        assert [path.name.split("-")[1] for path in tmp_path.iterdir()] == [str(os.getpid())]
    assert numbers
    until = time.monotonic() + 5
    while any(Path(f"/proc/{number}").exists() for number in numbers) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(Path(f"/proc/{number}").exists() for number in numbers)
    assert list(tmp_path.iterdir()) == []


def test_without_bubblewrap_nothing_is_run_and_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    programs.sandbox_programs.cache_clear()
    try:
        with (
            pytest.raises(SandboxError, match="apt-get install bubblewrap"),
            sandbox_pool(foreign(), 1, Allowance(2 << 30, 3.0)),
        ):
            pass
    finally:
        programs.sandbox_programs.cache_clear()
