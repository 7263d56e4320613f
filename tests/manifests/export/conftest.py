"""A dataset in memory, drawn here: images with and without parts, labels of every kind, rows, splits."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from PIL import Image

from hashstore.blobstore import MemoryBlobStore, add_bytes
from hashstore.digest import Digest
from manifests.citing import Creator
from manifests.dataset.description import Description
from manifests.dataset.member import Member, Region
from manifests.export.manifest import Job
from manifests.export.model import Picture
from manifests.export.registry import exporter
from manifests.export.run import Finished, write_export
from manifests.export.sinks.folder import FolderSink
from manifests.export.sinks.tar import TarSink
from manifests.export.sinks.zip import ZipSink
from manifests.export.unfinished import Unfinished, unfinished_beside

SEGMENT = Digest.of(b"a segment")
LABELS = ("Quercus robur", "../../etc/passwd", "quercus robur", "Färber-Ginster", "CON", None)
SPLITS = ("train", "train", "validation", "test", "train", "train")
DESCRIPTION = Description(
    statement=Digest.of(b"a statement"),
    manifest=Digest.of(b"a manifest"),
    count=6,
    title='Leaves & "wings" <of> Ångström, a trial',
    creators=(Creator("Ångström", "Anna"), Creator("Museum of Examples")),
    license="CC-BY-4.0",
    version=3,
    made=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    publisher="Museum of Examples",
    origin="museum.example/log",
    description="Drawn pictures, of no use but for tests.",
    keywords=("herbarium", "leaves"),
)


@dataclass
class Given:
    """A dataset that is all in memory."""

    description: Description
    store: MemoryBlobStore
    listed: tuple[Member, ...]
    sizes: dict[Digest, tuple[int, int]]
    table: Mapping[str, Mapping[str, Any]]
    opened: list[Digest] = field(default_factory=list)

    def members(self) -> Iterator[Member]:
        return iter(self.listed)

    def open(self, digest: Digest) -> BinaryIO:
        self.opened.append(digest)
        return self.store.open(digest)

    def rows(self, uris: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {uri: self.table[uri] for uri in uris if uri in self.table}

    def pictures(self, members: Sequence[Member]) -> Sequence[Picture]:
        return [Picture(*self.sizes[member.digest]) for member in members]


def drawn(number: int) -> tuple[bytes, tuple[int, int]]:
    """A small JPEG of its own size and colour."""
    size = (40 + 10 * number, 30 + 5 * number)
    out = io.BytesIO()
    Image.new("RGB", size, (number * 40 % 256, 90, 200 - number * 20)).save(out, "JPEG")
    return out.getvalue(), size


def specimen(number: int) -> dict[str, Any]:
    """The row of a specimen, with values that a careless writer would break."""
    return {
        "id": f"own-{number}",
        "occurrenceID": f"urn:catalog:X:{number}",
        "catalogNumber": f"X {number}",
        "basisOfRecord": "PreservedSpecimen",
        "scientificName": f'Quercus "robur" L., var. {number}',
        "country": "België",
        "locality": 'by the "old" wall; west, <north>',
        "verbatim": json.dumps(
            {"http://rs.tdwg.org/dwc/terms/fieldNotes": f"note {number}", "disposition": "in collection"}
        ),
        "access": "public",
    }


def medium(number: int) -> dict[str, Any]:
    """The row of a medium."""
    return {
        "id": f"own-{number}",
        "identifier": f"https://museum.example/{number}.jpg",
        "accessURI": f"https://museum.example/{number}.jpg",
        "type": "StillImage",
        "format": "image/jpeg",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "creator": "Ana Ölander",
        "access": "public",
    }


def dataset() -> Given:
    """Six members; the second of them shares the first one's specimen."""
    store, sizes, members = MemoryBlobStore(), {}, []
    table: dict[str, Mapping[str, Any]] = {}
    for number, (label, split) in enumerate(zip(LABELS, SPLITS, strict=True), 1):
        data, size = drawn(number)
        digest = add_bytes(store, data)
        sizes[digest] = size
        shows, of = f"{SEGMENT.uri}#row={number}", f"{SEGMENT.uri}#row={100 + max(number, 2)}"
        table[shows], table[of] = medium(number), specimen(max(number, 2))
        regions = (
            Region("leaf", (2, 3, 10, 12)),
            Region("wing, left", None, ((1, 1), (21, 1), (21, 11), (11, 16))),
        )
        members.append(
            Member(
                digest, len(data), "image/jpeg", shows, of, "CC-BY-4.0" if number != 5 else None,
                "Ana Ölander", None, "Ana Ölander / Museum", label, split, regions if number % 2 else (),
            )
        )  # fmt: skip
    listed = tuple(sorted(members, key=lambda member: member.digest))
    return Given(DESCRIPTION, store, listed, sizes, table)


@pytest.fixture
def given_dataset() -> Given:
    return dataset()


Export = Callable[..., Finished]


@pytest.fixture
def export() -> Export:
    """Export a dataset to a folder or a tar; what is left out of the manifest is nothing."""
    return export_to


def export_to(material: Given, form: str, target: Path, *, resume: bool = False) -> Finished:
    """Export without a node."""
    about, chosen = material.description, exporter(form)
    job = Job(about.statement, about.manifest, chosen.name, chosen.version)
    time = int(about.made.timestamp())
    files: dict[str, type[TarSink | ZipSink]] = {".tar": TarSink, ".zip": ZipSink}
    kind = files.get(target.suffix, FolderSink)
    with Unfinished(unfinished_beside(target), job, resume=resume) as unfinished:
        sink = kind(target, unfinished.folder, time)
        try:
            finished = write_export(chosen, material, sink, unfinished, lambda entry: None)
            sink.publish()
        finally:
            sink.close()
        unfinished.remove()
    return finished


@pytest.fixture(scope="module")
def given_once() -> Given:
    """One dataset for all examples of a law; nothing changes it."""
    return dataset()


@pytest.fixture(scope="module")
def export_once() -> Export:
    """The same as `export`, for all examples of a law."""
    return export_to
