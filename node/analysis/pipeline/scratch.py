"""Pictures that a run has made, as files for as long as a step reads them: they are no blobs yet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analyzers.engine.batches import Item
from analyzers.output import Input
from hashstore.digest import Digest
from node.analysis.pipeline.inputs import Inputs
from node.analysis.pipeline.ready import ReadyPipeline
from node.analysis.pipeline.work import Works
from node.compose import Node


class Scratch:
    """Where a step finds the bytes that it reads.

    Args:
        node: The node.
        ready: The pipeline.
        inputs: What is read, and who made it.
        works: Results that stand in no log yet.
        folder: Where pictures are written that are no blobs.
    """

    def __init__(self, node: Node, ready: ReadyPipeline, inputs: Inputs, works: Works, folder: Path) -> None:
        self._node, self._ready, self._inputs, self._works = node, ready, inputs, works
        self._folder = folder

    def has(self, input: Input) -> bool:
        """Whether an input's bytes can be had."""
        if self._node.store.contains(input.digest):
            return True
        maker = self._inputs.maker(input.digest)
        if maker is None:
            return False
        step, origin = maker
        return self._works.spool(self._ready.steps[step]).has(origin.digest, origin.region)

    def items(self, inputs: Iterable[Input]) -> Iterator[Item]:
        """Inputs as a worker takes them, each with a file."""
        for input in inputs:
            yield {**input.document(), "path": str(self._path(input.digest).resolve())}

    def _path(self, digest: Digest) -> Path:
        if self._node.store.contains(digest):
            return self._node.store.path(digest)
        path = self._folder / digest.hex
        if not path.exists() and (data := self._made(digest)) is not None:
            part = path.with_suffix(".part")
            part.write_bytes(data)
            os.replace(part, path)
        return path

    def _made(self, digest: Digest) -> bytes | None:
        """The bytes of a picture, out of the result of the step that made it."""
        maker = self._inputs.maker(digest)
        if maker is None:
            return None
        found = self._works.spool(self._ready.steps[maker[0]]).result(maker[1])
        made = (finding.derivative for finding in (found.findings if found else ()))
        return next((one.data for one in made if one is not None and Digest.of(one.data) == digest), None)


@contextmanager
def scratch_folder(node: Node, work: Digest) -> Iterator[Path]:
    """A folder for the pictures that a work reads, below the node so that a cluster's workers see it too.

    What a killed run left there is removed; the caller holds the lock of the work.
    """
    folder = node.layout.analysis / f"pipeline-{work.hex}.pictures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
