"""The least that a durable add can be: `python -m bench.peers.bare_add SOURCE ROOT`, one thread, one syncfs.

Same layout as ours. Less careful: it never syncs the folders, so a power cut may lose names that it has made.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys


def main(source: str, root: str) -> None:
    temporary = f"{root}/tmp"
    os.makedirs(temporary)
    staged = []
    for number, name in enumerate(sorted(os.listdir(source))):
        with open(f"{source}/{name}", "rb") as file:
            data = file.read()
        path = f"{temporary}/{number}"
        with open(path, "wb") as file:
            file.write(data)
        staged.append((path, hashlib.sha256(data).hexdigest()))
    folder = os.open(root, os.O_RDONLY)
    if ctypes.CDLL(None).syncfs(folder) != 0:
        sys.exit("syncfs failed")
    for path, digest in staged:
        final = f"{root}/{digest[:2]}/{digest[2:4]}"
        os.makedirs(final, exist_ok=True)
        os.rename(path, f"{final}/{digest}")


if __name__ == "__main__":
    main(*sys.argv[1:])
