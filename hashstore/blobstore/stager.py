"""`python -m hashstore.blobstore.stager ROOT`: stage the files that standard input names, chunk by chunk."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from hashstore.blobstore.copying import stage_chunk
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.blobstore.stagers import write_answer


def main(root: str) -> None:
    """Answer each line of paths with a line that says what became of them; ends with its input."""
    # A person who presses Ctrl-C means the parent, which ends us in its turn.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    store = DirectoryBlobStore(Path(root))
    for line in sys.stdin.buffer:
        staged = stage_chunk(store, [Path(name) for name in json.loads(line)])
        try:
            sys.stdout.buffer.write(write_answer(staged))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            break


if __name__ == "__main__":
    main(sys.argv[1])
