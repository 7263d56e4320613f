"""Make an export: every file of the format into the sink, the manifest last, then show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hashstore.digest import Digest
from manifests.export.errors import DamagedExport
from manifests.export.interface import Exporter, Material
from manifests.export.manifest import MANIFEST_NAME, Totals
from manifests.export.model import Entry, File
from manifests.export.sinks.interface import Sink
from manifests.export.unfinished import Unfinished
from manifests.export.writing import Hashed, written

OnFile = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of an export.

    Attributes:
        manifest: Digest of the export's manifest, and so of the export.
        totals: How much it holds.
        kept: How many of its files an earlier run had written.
    """

    manifest: Digest
    totals: Totals
    kept: int


def write_export(
    exporter: Exporter,
    material: Material,
    sink: Sink,
    unfinished: Unfinished,
    on_file: OnFile,
    last_look: Callable[[], None] = lambda: None,
) -> Finished:
    """Write an export whole, and its manifest; what is left to do is `sink.publish`.

    Memory: what is read ahead (128 MiB at most), and what the format holds.

    Args:
        exporter: The format.
        material: The dataset.
        sink: Where it goes.
        unfinished: What an earlier run has done.
        on_file: Told of each file that is there.
        last_look: Called before the manifest is written; what it raises keeps the export from being seen.

    Raises:
        MembersLost: a member could not be had.
        PlaceUnusable: the place cannot be written; what was written is kept for a second run.
        ExportRefused: the dataset lacks what the format needs.
    """
    kept = sink.recover(unfinished.entries())
    unfinished.keep(kept)
    totals = Totals()
    done = unfinished.entries()
    files = exporter.files(material)
    for entry in _again(files, done, kept):
        totals = totals.plus(entry)
        on_file(entry)
    for entry in written(material.open, files, sink):
        unfinished.add(entry)
        totals = totals.plus(entry)
        on_file(entry)
    last_look()
    manifest = Hashed(_manifest(unfinished, totals))
    sink.put(MANIFEST_NAME, None, iter(manifest))
    return Finished(manifest.digest, totals, kept)


def _again(files: Iterator[File], done: Iterator[Entry], kept: int) -> Iterator[Entry]:
    """Pass over the files that are there: the format must name the same ones in the same order."""
    for _ in range(kept):
        file, entry = next(files, None), next(done)
        if file is None or file.path != entry.path:
            raise DamagedExport(
                f"The unfinished export has {entry.path} where another file belongs. "
                "Remove it and export anew."
            )
        yield entry


def _manifest(unfinished: Unfinished, totals: Totals) -> Iterator[bytes]:
    yield from unfinished.text()
    yield totals.line()
