"""`dataset export` and `import`: the same bytes everywhere, whole or not at all; what is lacking is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from manifests.export.manifest import MANIFEST_NAME, Totals, read_entry

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum
    from tests.node.export.conftest import House


def test_an_export_is_named_by_its_manifest_and_is_the_same_in_a_folder_and_in_a_tar(
    house: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    options = (
        "--node",
        house.root,
        "--json",
        "dataset",
        "export",
        house.dataset.hex[:12],
        "--format",
        "coco",
        "--to",
    )
    folder, tar, zipped = (vasculum(*options, tmp_path / name) for name in ("coco", "coco.tar", "coco.zip"))
    assert (folder.code, tar.code, zipped.code) == (0, 0, 0), folder.err + tar.err + zipped.err
    assert folder.summary["export"] == tar.summary["export"] == zipped.summary["export"]
    manifest = (tmp_path / "coco" / MANIFEST_NAME).read_bytes()
    assert Digest.of(manifest).uri == folder.summary["export"]
    files = [path for path in (tmp_path / "coco").rglob("*") if path.is_file()]
    assert folder.summary["files"] == len(files) - 1
    assert json.loads(manifest.splitlines()[0])["dataset"] == house.dataset.uri
    assert vasculum(*options, tmp_path / "coco").code == 1, "what is there already is not written over"


def test_another_node_checks_an_export_and_keeps_what_it_knows_of(
    house: House, house_copy: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    for place in ("out", "out.tar"):
        vasculum(
            "--node",
            house.root,
            "dataset",
            "export",
            house.dataset,
            "--format",
            "bagit",
            "--to",
            tmp_path / place,
        )
    lacking = house_copy.members[2]
    house_copy.node.store.remove(lacking)
    said = vasculum("--node", house_copy.root, "--json", "dataset", "import", tmp_path / "out.tar")
    assert (said.code, said.summary["kept"], said.summary["faults"]) == (0, 1, 0), said.err
    assert house_copy.node.store.contains(lacking)
    said = vasculum("--node", house_copy.root, "--json", "dataset", "import", tmp_path / "out")
    assert (said.code, said.summary["here"]) == (0, len(house.members))


def test_an_import_names_every_file_that_is_not_what_the_manifest_says(
    house: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    vasculum(
        "--node",
        house.root,
        "dataset",
        "export",
        house.dataset,
        "--format",
        "bagit",
        "--to",
        tmp_path / "out",
    )
    image = next((tmp_path / "out" / "data" / "images").iterdir())
    data = bytearray(image.read_bytes())
    data[-1] ^= 1
    image.write_bytes(data)
    (tmp_path / "out" / "bagit.txt").unlink()
    (tmp_path / "out" / "more").write_text("besides")
    said = vasculum("--node", house.root, "--json", "dataset", "import", tmp_path / "out")
    assert said.code == 4
    assert {item["path"] for item in said.of("fault")} == {f"data/images/{image.name}", "bagit.txt", "more"}


def test_a_manifest_that_names_a_file_twice_is_refused(
    house: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    export = ["dataset", "export", house.dataset, "--format", "datacite", "--to", tmp_path / "out"]
    vasculum("--node", house.root, *export)
    manifest = tmp_path / "out" / MANIFEST_NAME
    head, file, *_ = manifest.read_bytes().splitlines(keepends=True)
    total = Totals().plus(read_entry(file)).plus(read_entry(file))
    manifest.write_bytes(head + file + file + total.line())
    said = vasculum("--node", house.root, "dataset", "import", tmp_path / "out")
    assert said.code == 1
    assert "twice" in said.err


def test_members_that_are_not_here_are_all_named_and_nothing_is_seen(
    house_copy: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    lost = house_copy.members[1:3]
    for digest in lost:
        house_copy.node.store.remove(digest)
    options = _options(house_copy, "voc")
    said = vasculum(*options, "--to", tmp_path / "out")
    assert said.code == 3
    assert [item["digest"] for item in said.of("failure")] == [digest.uri for digest in lost]
    assert {item["reason"] for item in said.of("failure")} == {"absent"}
    assert list(tmp_path.glob("*out*")) == []
    said = vasculum(*options, "--to", tmp_path / "out", "--leave-out")
    assert (said.code, said.summary["leftOut"]) == (3, 2)
    lines = (tmp_path / "out" / MANIFEST_NAME).read_text().splitlines()
    assert [json.loads(line)["digest"] for line in lines[1:3]] == [digest.uri for digest in lost]


def test_a_member_that_was_withdrawn_is_not_exported(
    house_copy: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    gone = house_copy.members[0]
    assert vasculum("--node", house_copy.root, "withdraw", gone, "--reason", "rights").code == 0
    options = _options(house_copy, "webdataset")
    said = vasculum(*options, "--to", tmp_path / "out.tar")
    assert said.code == 3
    assert [(item["digest"], item["reason"]) for item in said.of("failure")] == [(gone.uri, "hidden")]
    assert not (tmp_path / "out.tar").exists()
    assert vasculum(*options, "--to", tmp_path / "out.tar", "--leave-out").code == 3
    assert gone.hex.encode() not in (tmp_path / "out.tar").read_bytes(), "its digest is nobody's business"
    assert b'"reason":"hidden"' in (tmp_path / "out.tar").read_bytes()
    checked = vasculum("--node", house_copy.root, "--json", "dataset", "import", tmp_path / "out.tar")
    assert (checked.code, checked.summary["leftOut"], checked.summary["faults"]) == (0, 1, 0)


def test_damaged_bytes_are_never_handed_on(house_copy: House, vasculum: Vasculum, tmp_path: Path) -> None:
    path = house_copy.node.store.path(house_copy.members[4])
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    options = _options(house_copy, "bagit")
    said = vasculum(*options, "--to", tmp_path / "out")
    assert said.code == 3
    assert [item["reason"] for item in said.of("failure")] == ["corrupt"]
    assert not (tmp_path / "out").exists()


def test_an_image_whose_size_cannot_be_read_is_named(
    house_copy: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    path = house_copy.node.store.path(house_copy.members[4])
    path.chmod(0o644)
    path.write_bytes(b"\xff\xd8\xff" + bytes(path.stat().st_size - 3))
    options = _options(house_copy, "coco")
    said = vasculum(*options, "--to", tmp_path / "out")
    assert said.code == 3
    assert [item["reason"] for item in said.of("failure")] == ["unreadable"]


def test_a_full_disk_is_told_and_a_second_run_goes_on(house: House, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "node.cli",
        "--node",
        str(house.root),
        "dataset",
        "export",
        house.dataset.hex,
    ]
    command += ["--format", "bagit", "--to", str(tmp_path / "out.tar")]
    # The kernel refuses a file beyond a limit as it refuses one beyond the end of the disk.
    limited = ["sh", "-c", 'ulimit -f 2000; exec "$@"', "sh", *command]
    first = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert first.returncode == 1
    assert "No room is left" in first.stderr
    assert "Traceback" not in first.stderr
    assert not (tmp_path / "out.tar").exists()
    second = subprocess.run([*command, "--resume", "--json"], capture_output=True, text=True, check=True)
    assert 0 < json.loads(second.stdout)["kept"] < len(house.members)
    assert (tmp_path / "out.tar").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("place", ["out", "out.tar", "out.zip"])
def test_a_killed_export_goes_on_to_the_same_bytes(
    house: House, vasculum: Vasculum, tmp_path: Path, place: str
) -> None:
    options = ("--node", house.root, "dataset", "export", house.dataset, "--format", "voc", "--to")
    assert vasculum(*options, tmp_path / f"whole{Path(place).suffix}").code == 0
    target = tmp_path / place
    command = [sys.executable, "-m", "node.cli", *map(str, options), str(target)]
    journal = target.parent / f".{place}.unfinished" / "journal.jsonl"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > 3):
        assert time.monotonic() < until
    process.send_signal(signal.SIGKILL)
    process.wait()
    if not target.exists():  # else it was quicker than we
        assert vasculum(*options, target).code == 1, "it is gone on with only if asked"
        assert vasculum(*options, target, "--resume").code == 0
    assert _bytes(target) == _bytes(tmp_path / f"whole{target.suffix}")
    assert not journal.parent.exists()


def _options(house: House, format: str) -> tuple[object, ...]:
    """The command that exports a house's dataset; where to is still to be said."""
    return ("--node", house.root, "--json", "dataset", "export", house.dataset, "--format", format)


def _bytes(target: Path) -> dict[str, bytes]:
    if target.is_file():
        return {"": target.read_bytes()}
    return {os.path.relpath(path, target): path.read_bytes() for path in target.rglob("*") if path.is_file()}


def test_a_format_that_is_not_known_is_a_mistake_of_use(
    house: House, vasculum: Vasculum, tmp_path: Path
) -> None:
    said = vasculum(
        "--node", house.root, "dataset", "export", house.dataset, "--format", "x", "--to", tmp_path / "o"
    )
    assert said.code == 2
    assert "webdataset" in said.err


def test_a_folder_that_is_not_there_is_told(house: House, vasculum: Vasculum, tmp_path: Path) -> None:
    options = ("--node", house.root, "dataset", "export", house.dataset, "--format", "cff", "--to")
    said = vasculum(*options, tmp_path / "nowhere" / "out")
    assert (said.code, "is not there" in said.err) == (1, True)
    shutil.rmtree(tmp_path, ignore_errors=True)
