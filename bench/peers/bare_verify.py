"""The least that hashing a folder on two threads can be: `python -m bench.peers.bare_verify FOLDER`."""

from __future__ import annotations

import hashlib
import os
import sys
import threading

_THREADS = 2


def main(folder: str) -> None:
    paths = [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]
    threads = [
        threading.Thread(target=_hash_all, args=(paths[number::_THREADS],)) for number in range(_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _hash_all(paths: list[str]) -> None:
    buffer = memoryview(bytearray(1 << 20))
    for path in paths:
        state = hashlib.sha256()
        with open(path, "rb", buffering=0) as file:
            while count := file.readinto(buffer):
                state.update(buffer[:count])
        state.hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
