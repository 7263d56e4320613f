"""Write the vectors of exports: `python spec/vectors/generate_exports.py`."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from hashstore.digest import Digest
from manifests.citing import Creator
from manifests.dataset.description import Description
from manifests.dataset.member import Member, Region
from manifests.export.manifest import MANIFEST_NAME, Job
from manifests.export.model import Picture
from manifests.export.registry import exporter, format_names
from manifests.export.run import write_export
from manifests.export.sinks.folder import FolderSink
from manifests.export.unfinished import Unfinished, unfinished_beside

# These write by a library, or by tables that grow; their version says so.
_DEPENDING = {"parquet", "parquet-digests", "dwca"}
_MADE = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
_CONTENTS = {b"not a picture": (40, 30), b"nor this": (30, 40), b"": (1, 1)}
_PARTS = (Region("leaf", (2, 3, 10, 12)), Region("Blüte", None, ((1, 1), (21, 1), (11, 16))))
_ABOUT = (("Quercus robur", "train"), ("../Fagus", "test"), (None, None))
DESCRIPTION = Description(
    statement=Digest.of(b"statement"), manifest=Digest.of(b"manifest"), count=3, title="Leaves & <others>",
    creators=(Creator("Ångström", "Anna"), Creator("Museum of Examples")), license="CC-BY-4.0", version=2,
    made=_MADE, publisher="Museum of Examples", origin="museum.example/log", keywords=("leaves",),
)  # fmt: skip


class Drawn:
    """The dataset of the vectors; its images are no images, and their sizes are given."""

    description = DESCRIPTION

    def __init__(self) -> None:
        self._bytes = {Digest.of(data): data for data in _CONTENTS}
        self._listed = tuple(
            Member(
                digest, len(data), "image/jpeg", None, None, "CC-BY-4.0", "Ana", None, "Ana / Museum", label,
                split, _PARTS if label else (),
            )
            for (digest, data), (label, split) in zip(sorted(self._bytes.items()), _ABOUT, strict=True)
        )  # fmt: skip

    def members(self) -> Iterator[Member]:
        return iter(self._listed)

    def open(self, digest: Digest) -> BinaryIO:
        return io.BytesIO(self._bytes[digest])

    def rows(self, uris: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {}

    def pictures(self, members: Sequence[Member]) -> Sequence[Picture]:
        return [Picture(*_CONTENTS[self._bytes[member.digest]]) for member in members]


def exported(form: str, folder: Path) -> dict[str, Any]:
    """One export: its digest, and what it holds."""
    material, chosen, target = Drawn(), exporter(form), folder / form
    job = Job(DESCRIPTION.statement, DESCRIPTION.manifest, chosen.name, chosen.version)
    with Unfinished(unfinished_beside(target), job, resume=False) as unfinished:
        sink = FolderSink(target, unfinished.folder, int(_MADE.timestamp()))
        finished = write_export(chosen, material, sink, unfinished, lambda entry: None)
        sink.publish()
    lines = (target / MANIFEST_NAME).read_text(encoding="utf-8").splitlines()
    assert hashlib.sha256((target / MANIFEST_NAME).read_bytes()).hexdigest() == finished.manifest.hex
    return {"format": form, "export": finished.manifest.uri, "manifest": lines}


def vectors() -> dict[str, Any]:
    """Everything that the file holds."""
    material = Drawn()
    with tempfile.TemporaryDirectory() as folder:
        return {
            "description": "Members of a small dataset, and the manifest and digest of its export in each "
            "format whose bytes depend on no library.",
            "members": [member.line().decode().rstrip("\n") for member in material.members()],
            "exports": [exported(form, Path(folder)) for form in format_names() if form not in _DEPENDING],
        }


if __name__ == "__main__":
    path = Path(__file__).with_name("exports.json")
    path.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
