from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint
from provenance.log.log import Log
from provenance.log.note import Note, NoteSignature, parse_note
from provenance.log.verify import Fault, verify_log

ORIGIN = "museum.example/log"
KEY = SigningKey(b"l" * 32)
VKEY = VerifierKey(ORIGIN, KEY.public)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of two full tiles and a part, with many old partial tiles; every test leaves it as it was."""
    folder = tmp_path_factory.mktemp("verify")
    log = Log(folder / "log", ORIGIN, KEY)
    for start, stop in [(0, 1), (1, 3), (3, 255), (255, 256), (256, 257), (257, 520), (520, 523)]:
        log.append([b"leaf %d" % n for n in range(start, stop)])
    assert faults(folder) == []
    return folder


def faults(folder: Path) -> list[Fault]:
    return list(verify_log(folder / "log", VKEY, lock=folder / "log.lock"))


def named(folder: Path) -> set[tuple[str, str]]:
    return {(fault.kind, fault.path.relative_to(folder).as_posix()) for fault in faults(folder)}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".guard")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_flipped_byte_of_every_file_is_found_and_only_that_file_named(
    folder: Path, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(files(folder)))
    whole = path.read_bytes()
    place, flip = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    try:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
        assert named(folder) == {("bad", path.relative_to(folder).as_posix())}
    finally:
        path.write_bytes(whole)


def test_every_file_cut_or_lengthened_is_named(folder: Path) -> None:
    for path in files(folder):
        whole = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        try:
            for changed in (b"", whole[:-1], whole + b"x"):
                path.write_bytes(changed)
                assert named(folder) == {("bad", name)}
        finally:
            path.write_bytes(whole)


def test_every_missing_file_that_readers_need_is_named(folder: Path) -> None:
    needed = {"checkpoint", "tile/entries/000", "tile/entries/001", "tile/entries/002.p/11",
              "tile/0/000", "tile/0/001", "tile/0/002.p/11", "tile/1/000.p/2"}  # fmt: skip
    for path in files(folder / "log"):
        whole = path.read_bytes()
        name = path.relative_to(folder / "log").as_posix()
        path.unlink()
        try:
            expected = {("missing", f"log/{name}")} if name in needed else set()
            assert named(folder) == expected
        finally:
            path.write_bytes(whole)


@pytest.mark.parametrize(
    "name",
    ["README", "tile/0/007", "tile/0/002.p/12", "tile/entries/000.txt", "tmp/tile,0,000", "tile/64/000"],
)
def test_a_foreign_file_is_named(folder: Path, name: str) -> None:
    path = folder / "log" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"?")
    try:
        assert named(folder) == {("foreign", f"log/{name}")}
    finally:
        path.unlink()


def test_a_link_in_the_place_of_a_tile_is_foreign(folder: Path) -> None:
    path = folder / "log/tile/0/000"
    moved = folder / "moved"
    path.rename(moved)
    path.symlink_to(moved)
    try:
        assert named(folder) == {("foreign", "log/tile/0/000")}
    finally:
        path.unlink()
        moved.rename(path)


def test_damage_in_a_bundle_and_in_another_tile_is_told_apart(folder: Path) -> None:
    chosen = [folder / "log" / name for name in ("tile/entries/000", "tile/0/001", "tile/entries/002.p/11")]
    whole = [path.read_bytes() for path in chosen]
    try:
        for path, data in zip(chosen, whole, strict=True):
            path.write_bytes(data[:5] + bytes([data[5] ^ 1]) + data[6:])
        assert named(folder) == {("bad", path.relative_to(folder).as_posix()) for path in chosen}
    finally:
        for path, data in zip(chosen, whole, strict=True):
            path.write_bytes(data)


def test_a_log_that_contradicts_its_checkpoint_throughout_is_not_called_sound(tmp_path: Path) -> None:
    Log(tmp_path / "log", ORIGIN, KEY).append([b"a"])
    Log(tmp_path / "other" / "log", ORIGIN, KEY).append([b"b"])
    checkpoint = tmp_path / "log/checkpoint"
    checkpoint.write_bytes((tmp_path / "other/log/checkpoint").read_bytes())
    found = list(verify_log(tmp_path / "log", VKEY))
    assert any("do not lead to the root" in fault.message for fault in found)


def test_a_signature_line_that_is_not_ours_is_reported(folder: Path) -> None:
    path = folder / "log/checkpoint"
    whole = path.read_bytes()
    note = parse_note(whole)
    stranger = NoteSignature("witness.example", b"abcd", b"e" * 64)
    try:
        path.write_bytes(Note(note.text, (*note.signatures, stranger)).encode())
        (fault,) = faults(folder)
        assert (fault.kind, fault.path) == ("foreign", path)
        assert "witness.example" in fault.message
    finally:
        path.write_bytes(whole)


def test_a_lock_file_that_is_gone_ahead_or_beside_is_reported(folder: Path) -> None:
    path = folder / "log.lock"
    whole = path.read_bytes()
    head = Log(folder / "log", ORIGIN, KEY).head()
    try:
        for size in (head.size - 1, head.size + 1):
            path.write_text(Checkpoint(ORIGIN, type(head)(size, head.root)).text)
            assert named(folder) == {("bad", "log.lock")}
        path.unlink()
        assert named(folder) == {("missing", "log.lock")}
    finally:
        path.write_bytes(whole)


def test_without_any_readable_head_the_tiles_are_not_called_sound(folder: Path) -> None:
    path = folder / "log/checkpoint"
    whole = path.read_bytes()
    try:
        path.write_bytes(b"nonsense")
        assert ("bad", "log") in {(fault.kind, fault.path.name) for fault in verify_log(folder / "log", VKEY)}
    finally:
        path.write_bytes(whole)


def test_a_log_that_was_never_begun_is_sound(tmp_path: Path) -> None:
    assert list(verify_log(tmp_path / "log", VKEY)) == []


def test_verifying_while_another_process_appends_finds_nothing(tmp_path: Path) -> None:
    Log(tmp_path / "log", ORIGIN, KEY).append([b"first"])
    script = (
        "import sys; from pathlib import Path\n"
        "from provenance.keys import SigningKey; from provenance.log.log import Log\n"
        "log = Log(Path(sys.argv[1]) / 'log', 'museum.example/log', SigningKey(b'l' * 32))\n"
        "for n in range(60): log.append([b'%d' % n])\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) as writer:
        while writer.poll() is None:
            assert faults(tmp_path) == []
    assert Log(tmp_path / "log", ORIGIN, KEY).head().size == 61
