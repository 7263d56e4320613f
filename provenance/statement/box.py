"""RDF of strangers' statements, in a process that can be killed when it takes too long."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from hashstore.canonical import Json, canonical_json
from hashstore.errors import HashstoreError
from provenance.errors import MalformedStatement, RdfTimeout

_LARGEST_ANSWER = 64 * 1024 * 1024


class RdfBox:
    """A worker process that canonicalises one document after another, within limits of time and memory.

    Use it as a context manager; the process starts at the first document and again after each kill.
    """

    def __init__(self, seconds: float = 10.0, megabytes: int = 1024) -> None:
        """Sets the limits for each document.

        Args:
            seconds: wall time, the worker's start included.
            megabytes: address space of the worker.
        """
        self._seconds = seconds
        self._megabytes = megabytes
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RdfBox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            worker.communicate()

    def canonicalise(self, document: Mapping[str, Json]) -> bytes:
        """The canonical N-Quads of a document; see `provenance.statement.rdf.canonical_nquads`.

        Raises:
            MalformedStatement: a term is not defined, or the document is no JSON-LD.
            RdfTimeout: the limits did not suffice.
        """
        try:
            request = canonical_json(document)
        except HashstoreError as error:
            raise MalformedStatement(f"The document has no canonical form: {error}") from error
        try:
            status, answer = self._ask(request)
        except (RdfTimeout, OSError) as error:
            self.close()
            raise RdfTimeout(
                f"The document took more than {self._seconds:g} s or {self._megabytes} MB to read as RDF; "
                "it is refused."
            ) from error
        if status != b"+":
            raise MalformedStatement(answer.decode("utf-8", "replace"))
        return answer

    def _ask(self, request: bytes) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + self._seconds
        if self._worker is None:
            self._worker = _start(self._megabytes)
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._worker.stdin.write(len(request).to_bytes(4) + request)
        self._worker.stdin.flush()
        output = self._worker.stdout.fileno()
        header = _read(output, 5, deadline)
        length = int.from_bytes(header[1:])
        if length > _LARGEST_ANSWER:
            raise RdfTimeout("an answer out of all proportion")
        return header[:1], _read(output, length, deadline)


def _start(megabytes: int) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[2])
    # The child sees only where the code is: no keys, tokens or proxies of the node's environment.
    environment = {"PYTHONPATH": root, "PATH": os.defpath}
    command = [sys.executable, "-m", "provenance.statement.rdf_worker", str(megabytes)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )


def _read(descriptor: int, length: int, deadline: float) -> bytes:
    data = b""
    while len(data) < length:
        left = deadline - time.monotonic()
        ready = select.select([descriptor], [], [], left)[0] if left > 0 else []
        chunk = os.read(descriptor, length - len(data)) if ready else b""
        if not chunk:
            raise RdfTimeout("no answer in time")
        data += chunk
    return data
