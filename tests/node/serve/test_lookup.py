"""Which blobs may be served: derived from the logs, in whatever steps, and the node's own refusals win."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.compose import Node
from node.index import Index
from node.serve.lookup import ServedBlobs, bring_up

PICTURE, PAGE = Digest.of(b"picture"), Digest.of(b"page")
_NAMING = st.tuples(
    st.integers(0, 2),
    st.sampled_from([PICTURE, PAGE]),
    st.sampled_from([AccessClass.PUBLIC, AccessClass.WITHHELD]),
    st.booleans(),
)


def _index(path: Path) -> Index:
    index = Index(path)
    assert [index.log_number(f"{number}.test/log") for number in (1, 2)] == [1, 2]
    return index


def _name(index: Index, log: int, digest: Digest, access: AccessClass) -> None:
    at = index.log_size(log)
    index.connection.execute(
        "INSERT INTO leaf VALUES (?, ?, 'segment', ?, ?, 'capture', ?, 1, ?, ?)",
        [log, at, bytes(32), digest.raw, bytes(32), bytes(32), str(access)],
    )
    index.set_log_size(at + 1, log)


def _found(path: Path, digest: Digest) -> AccessClass | None:
    served = ServedBlobs(path)
    found = served.find(digest)
    served.close()
    return found.access if found else None


@settings(max_examples=8)
@given(st.lists(_NAMING, max_size=8))
def test_in_whatever_steps_it_is_what_the_logs_say(
    tmp_path_factory: pytest.TempPathFactory, namings: list[tuple[int, Digest, AccessClass, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("lookup")
    with _index(folder / "index.duckdb") as index:
        for log, digest, access, bring in namings:
            _name(index, log, digest, access)
            if bring:
                bring_up(folder / "steps", index, ())
        bring_up(folder / "steps", index, ())
        bring_up(folder / "once", index, ())
    for digest in (PICTURE, PAGE):
        said = [(log, access) for log, named, access, _ in namings if named == digest]
        expected = None
        if (0, AccessClass.WITHHELD) in said:
            expected = AccessClass.WITHHELD
        elif any(access is AccessClass.PUBLIC for _, access in said):
            expected = AccessClass.PUBLIC
        assert _found(folder / "steps", digest) == _found(folder / "once", digest) == expected


def test_what_others_withhold_hides_nothing_here(tmp_path: Path) -> None:
    with _index(tmp_path / "index.duckdb") as index:
        _name(index, 0, PICTURE, AccessClass.PUBLIC)
        _name(index, 1, PICTURE, AccessClass.WITHHELD)
        _name(index, 1, PAGE, AccessClass.WITHHELD)
        bring_up(tmp_path / "served", index, ())
    assert _found(tmp_path / "served", PICTURE) is AccessClass.PUBLIC
    assert _found(tmp_path / "served", PAGE) is None


def test_what_this_node_withholds_no_other_log_opens(tmp_path: Path) -> None:
    with _index(tmp_path / "index.duckdb") as index:
        _name(index, 1, PICTURE, AccessClass.PUBLIC)
        _name(index, 0, PICTURE, AccessClass.WITHHELD)
        _name(index, 2, PICTURE, AccessClass.PUBLIC)
        bring_up(tmp_path / "served", index, ())
    assert _found(tmp_path / "served", PICTURE) is AccessClass.WITHHELD


def test_a_second_look_takes_nothing_anew(tracked: Node, tmp_path: Path) -> None:
    with tracked.index() as index:
        assert bring_up(tmp_path / "served", index, ()) > 0
        assert bring_up(tmp_path / "served", index, ()) == 0


def test_before_there_is_a_look_up_nothing_is_served(tmp_path: Path) -> None:
    assert _found(tmp_path / "none", PICTURE) is None


def test_a_file_that_is_removed_or_replaced_is_noticed(tmp_path: Path) -> None:
    path, served = tmp_path / "served.sqlite", ServedBlobs(tmp_path / "served.sqlite")
    with _index(tmp_path / "index.duckdb") as index:
        _name(index, 1, PICTURE, AccessClass.PUBLIC)
        for _ in range(3):
            assert served.find(PICTURE) is None
            bring_up(path, index, ())
            assert served.find(PICTURE) is not None
            path.unlink()
    assert served.find(PICTURE) is None
    served.close()


def test_a_file_is_made_whole_or_not_at_all_and_takes_nothing_from_a_former_one(tmp_path: Path) -> None:
    path = tmp_path / "served.sqlite"
    for name in ("served.sqlite-wal", "served.sqlite-shm", "served.sqlite.new"):
        (tmp_path / name).write_bytes(b"left behind")
    with _index(tmp_path / "index.duckdb") as index:
        _name(index, 1, PICTURE, AccessClass.PUBLIC)
        bring_up(path, index, ())
    assert _found(path, PICTURE) is AccessClass.PUBLIC
    assert not (tmp_path / "served.sqlite.new").exists()
