"""Any single byte of a node, flipped, is found by `verify --deep`, and the file that holds it is named."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.compose import open_node
from node.layout import Layout
from node.verify import NodeFault, verify_node
from provenance.keys import SigningKey
from provenance.log.note import parse_note, sign_note

if TYPE_CHECKING:
    from tests.journeys.conftest import Program

LOG = logging.getLogger("journeys")
SEED = 97
META = """<archive xmlns="http://rs.tdwg.org/dwc/text/"><core encoding="UTF-8" fieldsTerminatedBy=","
 linesTerminatedBy="\\n" fieldsEnclosedBy="" ignoreHeaderLines="1"
 rowType="http://rs.tdwg.org/dwc/terms/Occurrence"><files><location>bees.csv</location></files><id index="0"/>
 <field index="1" term="http://rs.tdwg.org/dwc/terms/scientificName"/></core></archive>"""


@pytest.fixture(scope="module")
def sound(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small node that has all kinds of files: two crawls, an archive, an image, partial tiles of each."""
    folder = tmp_path_factory.mktemp("flips")
    archive, pictures, root = folder / "archive", folder / "pictures", folder / "node"
    archive.mkdir()
    (archive / "meta.xml").write_text(META)
    (archive / "bees.csv").write_text("id,name\n1,Apis mellifera\n2,Bombus terrestris\n")
    pictures.mkdir()
    (pictures / "note.txt").write_bytes(b"a")
    (pictures / "sheet.jpg").write_bytes(b"\xff\xd8\xff\xe0" + random.Random(SEED).randbytes(300))
    assert program("--node", root, "init").status == 0
    assert program("--node", root, "track", archive, "--no-images").status == 0
    assert program("--node", root, "add", pictures).status == 0
    return root


@pytest.fixture
def node(sound: Path, tmp_path: Path) -> Path:
    """A copy of the node, to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "node"))


def faults(root: Path) -> Iterator[NodeFault]:
    """What a deep verification finds, as it finds it."""
    return verify_node(
        open_node(Layout(root)), deep=True, progress=lambda count: None, phase=lambda label: None
    )


def is_named(root: Path, name: str) -> bool:
    """Whether a fault names that very file; what else is wrong because of it is not asked."""
    return any(fault.path == name for fault in faults(root))


def names(root: Path, *folders: str) -> list[str]:
    """Every file of the node that says something, by its path within the node."""
    found = [path for folder in folders for path in (root / folder).rglob("*")]
    return sorted(str(path.relative_to(root)) for path in found if path.is_file() and path.stat().st_size > 0)


WATCHED = ("blobs", "log", "keys")


@contextmanager
def flipped(path: Path, position: int, mask: int) -> Iterator[None]:
    """One byte changed, and put back after."""
    with path.open("r+b", buffering=0) as file:
        file.seek(position)
        (was,) = file.read(1)
        file.seek(position)
        file.write(bytes([was ^ mask]))
    try:
        yield
    finally:
        with path.open("r+b", buffering=0) as file:
            file.seek(position)
            file.write(bytes([was]))


def undetected(root: Path, name: str, positions: range | list[int], chance: random.Random) -> list[str]:
    """The flips in a file that are not found with its name."""
    missed = []
    for position in positions:
        mask = chance.randrange(1, 256)
        with flipped(root / name, position, mask):
            if not is_named(root, name):
                missed.append(f"byte {position} of {name} ^ {mask:#x}")
    return missed


def test_a_sound_node_has_no_fault(node: Path) -> None:
    assert list(faults(node)) == []


def test_a_flipped_byte_in_any_file_is_found_and_named(node: Path) -> None:
    chance = random.Random(SEED)
    missed = []
    for name in [*names(node, *WATCHED), "log.lock"]:
        size = (node / name).stat().st_size
        missed += undetected(
            node, name, [0, size - 1, chance.randrange(size), chance.randrange(size)], chance
        )
    assert missed == []
    assert list(faults(node)) == []


@pytest.mark.slow
def test_flipped_bytes_of_keys_checkpoint_lock_and_tiles_are_found_and_named(node: Path) -> None:
    chance = random.Random(SEED + 1)
    missed, count = [], 0
    for name in [*names(node, "log", "keys"), "log.lock"]:
        size = (node / name).stat().st_size
        # Samples: an ML-DSA-44 line alone has 3 KB, and next keys are files like the present ones.
        most = 30 if name.startswith("keys/next-") else 100
        positions = sorted(chance.sample(range(size), min(size, most)))
        missed += undetected(node, name, positions, chance)
        count += len(positions)
    LOG.info(f"{count} flips")
    assert missed == []


@pytest.mark.slow
def test_flipped_bytes_all_over_the_blobs_are_found_and_named(node: Path) -> None:
    chance = random.Random(SEED + 2)
    missed, count = [], 0
    for name in names(node, "blobs"):
        size = (node / name).stat().st_size
        positions = sorted(chance.sample(range(size), min(size, 150)))
        missed += undetected(node, name, positions, chance)
        count += len(positions)
    LOG.info(f"{count} flips")
    assert missed == []


@pytest.mark.parametrize(
    "places",
    [4, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.timeout(900)])],
)
def test_a_flipped_byte_in_the_index_is_named_or_changes_nothing_that_it_says(
    node: Path, places: int
) -> None:
    """A DuckDB file has pages that hold nothing; a flip there is none of what the index says."""
    chance = random.Random(SEED + 3)
    path = node / "index.duckdb"
    whole = path.read_bytes()
    before = sound_digest(node)
    named = 0
    for position in chance.sample([at for at, byte in enumerate(whole) if byte], places):
        path.write_bytes(whole)
        with flipped(path, position, chance.randrange(1, 256)):
            found = list(faults(node))
            if found:
                assert [fault.path for fault in found] == ["index.duckdb"], found
                named += 1
            else:
                assert sound_digest(node) == before
            path.write_bytes(whole)
            path.with_name("index.duckdb.wal").unlink(missing_ok=True)
    LOG.info(f"{named} of {places} named")
    assert named > places / 2
    assert list(faults(node)) == []


def sound_digest(root: Path) -> Digest:
    from node.index import index_digest

    with open_node(Layout(root)).index() as index:
        return index_digest(index)


@pytest.mark.slow
def test_each_file_deleted_is_missed_by_name(node: Path) -> None:
    for name in [*names(node, *WATCHED), "log.lock"]:
        kept = (node / name).read_bytes()
        mode = (node / name).stat().st_mode
        (node / name).unlink()
        if is_settled_partial(name) or name.startswith("keys/next-"):  # better kept elsewhere
            assert not is_named(node, name)
        else:
            assert [fault.kind for fault in faults(node) if fault.path == name] == ["missing"], name
        (node / name).write_bytes(kept)
        (node / name).chmod(mode)
    assert list(faults(node)) == []


@pytest.mark.parametrize("name", ["keys/log.vkey", "log/tile/entries/000.p/6"])
def test_a_deleted_file_is_missed_by_name(node: Path, name: str) -> None:
    (node / name).unlink()
    assert [fault.kind for fault in faults(node) if fault.path == name] == ["missing"]


def is_settled_partial(name: str) -> bool:
    """C2SP tlog-tiles lets go of a partial tile once a wider one holds all that is in it."""
    return name.startswith("log/tile/") and ".p/" in name and not name.endswith("/6")


FOREIGN = (
    "blobs/stray.txt",
    "blobs/ab/cd/stray",
    "blobs/ab/cd/" + "abce" + 60 * "0",
    "blobs/ab/" + "abcd" + 60 * "0",
    "log/stray",
    "log/tile/stray",
    "log/tile/0/000.p/7",
    "log/tile/0/001",
    "log/tile/1/000.p/1",
    "log/tile/entries/000.p/9",
    "log/checkpoint.old",
)


def put_foreign(node: Path, name: str) -> None:
    (node / name).parent.mkdir(parents=True, exist_ok=True)
    (node / name).write_bytes(b"foreign\n")


def test_foreign_files_are_named_each_and_nothing_else(node: Path) -> None:
    for name in FOREIGN:
        put_foreign(node, name)
    found = sorted((fault.kind, fault.path) for fault in faults(node))
    assert found == sorted(("foreign", name) for name in FOREIGN)


@pytest.mark.slow
@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_named(node: Path, name: str) -> None:
    put_foreign(node, name)
    assert [(fault.kind, fault.path) for fault in faults(node)] == [("foreign", name)]


def test_bytes_under_the_name_of_a_blob_that_never_was_are_named_as_bad(node: Path) -> None:
    name = f"blobs/ab/cd/abcd{60 * '0'}"
    (node / name).parent.mkdir(parents=True)
    (node / name).write_bytes(b"foreign\n")
    assert [(fault.kind, fault.path) for fault in faults(node)] == [("bad", name)]


def test_an_unknown_signature_line_on_the_own_checkpoint_is_reported(node: Path) -> None:
    path = node / "log" / "checkpoint"
    whole = path.read_bytes()
    stranger = sign_note(parse_note(whole).text, "stranger.example/log", SigningKey.generate())
    path.write_bytes(whole + stranger.line().encode())
    found = list(faults(node))
    assert [(fault.kind, fault.path) for fault in found] == [("foreign", "log/checkpoint")]
    assert "stranger.example/log" in found[0].message


@pytest.mark.parametrize("kind", ["blob", "tile", "checkpoint", "key"])
def test_the_program_names_the_file_and_ends_with_4(program: Program, node: Path, kind: str) -> None:
    name = {
        "blob": names(node, "blobs")[0],
        "tile": "log/tile/entries/000.p/6",
        "checkpoint": "log/checkpoint",
        "key": "keys/log.vkey",
    }[kind]
    with flipped(node / name, 7, 1):
        said = program("--node", node, "--json", "verify", "--deep")
    assert said.status == 4
    assert name in {fault["path"] for fault in said.of_type("fault")}
    assert said.summary["faults"] == len(said.of_type("fault"))
    said = program("--node", node, "--json", "verify", "--deep")
    assert (said.status, said.summary["faults"]) == (0, 0)
