"""Where an export goes, as it was typed: a folder, a tar, a ZIP, or a prefix in object storage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hashstore.errors import StoreUnusable
from manifests.export.errors import ExportRefused, PlaceUnusable
from manifests.export.manifest import Job
from manifests.export.sinks.folder import FolderSink
from manifests.export.sinks.interface import Sink
from manifests.export.sinks.tar import TarSink
from manifests.export.sinks.zip import ZipSink
from manifests.export.unfinished import Unfinished, unfinished_beside
from node.compose import Node
from node.export.object_sink import ObjectSink
from node.storage.address import Bucket, open_bucket, parse_address

_FILES: Final[Mapping[str, type[TarSink | ZipSink]]] = {".tar": TarSink, ".zip": ZipSink}


@contextmanager
def opened_place(
    node: Node, text: str, job: Job, time: int, *, resume: bool
) -> Iterator[tuple[Sink, Unfinished]]:
    """The sink at an address, with what an earlier run has left.

    Args:
        node: The node; keeps the journal of exports to object storage.
        text: `PATH`, `PATH.tar`, `PATH.zip`, or `s3://bucket/prefix`, `gs://`, `az://`.
        job: What is exported.
        time: The time of every file, in seconds since 1970.
        resume: Whether to go on with what is there.

    Raises:
        ExportRefused: the place is taken, or something unfinished is there that cannot be gone on with.
        PlaceUnusable: it cannot be reached or written.
        ConfigError: the address cannot be read.
    """
    bucket = parse_address(text) if "://" in text else None
    if isinstance(bucket, Bucket):
        folder = node.layout.exports / hashlib.sha256(bucket.url.encode()).hexdigest()[:16]
        begun = (folder / "journal.jsonl").exists()
        with Unfinished(folder, job, resume=resume) as unfinished:
            sink = _object_sink(bucket)
            if unfinished.begun_anew:
                sink.clear()
            elif not begun:
                sink.require_empty()
            yield sink, unfinished
        return
    target = (bucket if isinstance(bucket, Path) else Path(text)).absolute()
    _require_free(target)
    with Unfinished(unfinished_beside(target), job, resume=resume) as unfinished:
        local = _FILES.get(target.suffix, FolderSink)(target, unfinished.folder, time)
        try:
            yield local, unfinished
        finally:
            local.close()


def _require_free(target: Path) -> None:
    try:
        taken = any(target.iterdir()) if target.is_dir() else target.exists() or target.is_symlink()
        if not target.parent.is_dir():
            raise ExportRefused(
                f"The folder {target.parent} is not there. Make it, or export to another place."
            )
    except OSError as error:
        raise PlaceUnusable(f"{target} cannot be looked at: {error.strerror}") from error
    if taken:
        raise ExportRefused(f"{target} is there already. Remove it, or export to another place.")


def _object_sink(bucket: Bucket) -> ObjectSink:
    try:
        return ObjectSink(open_bucket(bucket), bucket.url)
    except StoreUnusable as error:
        raise PlaceUnusable(str(error)) from error
