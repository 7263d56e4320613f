"""An export that was broken off anywhere goes on to the same bytes, and nothing was seen of it before."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.digest import Digest
from hashstore.errors import BlobNotFound
from manifests.export.errors import ExportRefused, MembersLost
from manifests.export.manifest import Job
from manifests.export.unfinished import Unfinished, unfinished_beside

if TYPE_CHECKING:
    from tests.manifests.export.conftest import Export, Given

FORMATS = ("coco", "webdataset", "voc")


class _Killed(BaseException):
    """What a kill is to the program: nothing of its own runs after it."""


def tree(target: Path) -> dict[str, bytes]:
    """Everything at a place."""
    if target.is_file():
        return {"": target.read_bytes()}
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


def _dying(material: Given, after: int) -> Given:
    """The same dataset, whose bytes can be read so many times."""
    original, left = type(material).open, after

    class Dying(type(material)):  # type: ignore[misc]
        def open(self, digest: Digest) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise _Killed
            return original(self, digest)

    return Dying(material.description, material.store, material.listed, material.sizes, material.table)


@pytest.fixture
def places() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@settings(max_examples=25, deadline=None)
@given(
    form=st.sampled_from(FORMATS),
    name=st.sampled_from(["out", "out.tar", "out.zip"]),
    after=st.integers(0, 6),
    torn=st.integers(0, 400),
    spoiled=st.booleans(),
)
def test_an_export_broken_off_anywhere_goes_on_to_the_same_bytes(
    given_once: Given, export_once: Export, form: str, name: str, after: int, torn: int, spoiled: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / name
        with suppress(_Killed):
            export_once(_dying(given_once, after), form, target)
        if not target.exists():
            _damage(unfinished_beside(target), torn, spoiled)
            assert not target.exists()
            export_once(given_once, form, target, resume=True)
        assert not unfinished_beside(target).exists()
        whole = Path(folder) / f"whole{target.suffix}"
        export_once(given_once, form, whole)
        assert tree(target) == tree(whole)


def _damage(folder: Path, torn: int, spoiled: bool) -> None:
    """What a power cut may do: the journal's end is lost, bytes that were not durable are zeros."""
    journal = folder / "journal.jsonl"
    data = journal.read_bytes()
    header = data.index(b"\n") + 1
    journal.write_bytes(data[: max(header, len(data) - torn)])
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name.endswith((".jpg", ".tar", ".zip"))
    )
    if spoiled and files:
        data = files[-1].read_bytes()
        files[-1].write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))


def test_files_that_are_there_are_not_read_again(given_dataset: Given, export: Export, places: Path) -> None:
    with suppress(_Killed):
        export(_dying(given_dataset, 4), "coco", places / "out")
    kept = (unfinished_beside(places / "out") / "journal.jsonl").read_bytes().count(b'"File"')
    finished = export(given_dataset, "coco", places / "out", resume=True)
    assert finished.kept == kept > 0
    assert len(given_dataset.opened) == len(given_dataset.listed) - kept


def test_what_is_unfinished_is_gone_on_with_only_if_asked_and_only_if_it_is_the_same(
    given_dataset: Given, export: Export, places: Path
) -> None:
    with suppress(_Killed):
        export(_dying(given_dataset, 2), "coco", places / "out")
    with pytest.raises(ExportRefused, match="--resume"):
        export(given_dataset, "coco", places / "out")
    with pytest.raises(ExportRefused, match="another dataset, format"):
        export(given_dataset, "voc", places / "out", resume=True)


def test_two_processes_do_not_write_one_export(places: Path) -> None:
    job = Job(Digest.of(b"s"), Digest.of(b"m"), "coco", "1")
    with (
        Unfinished(places / "work", job, resume=False),
        pytest.raises(ExportRefused, match="Another process"),
    ):
        Unfinished(places / "work", job, resume=True)


def test_a_member_that_vanishes_while_it_is_read_is_named_and_nothing_is_seen(
    given_dataset: Given, export: Export, places: Path
) -> None:
    lost = given_dataset.listed[3].digest
    given_dataset.store.remove(lost)
    with pytest.raises(MembersLost) as caught:
        export(given_dataset, "webdataset", places / "out")
    assert [(one.digest, one.reason) for one in caught.value.failures] == [(lost, "absent")]
    assert not (places / "out").exists()
    with pytest.raises(BlobNotFound):
        given_dataset.store.open(lost)


def test_a_place_that_is_taken_meanwhile_is_left_alone(
    given_dataset: Given, export: Export, places: Path
) -> None:
    for name in ("out", "out.tar", "out.zip"):
        target = places / name
        export(given_dataset, "bibtex", target)
        with pytest.raises(Exception, match="cannot be written"):
            export(given_dataset, "bibtex", target)
        shutil.rmtree(unfinished_beside(target))
