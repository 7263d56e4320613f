"""`python -m bench.vector_build VECTORS COUNT WIDTH FOLDER`: make an index and the list of its members."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from analyzers.vectors.build import build_index
from analyzers.vectors.members import Members
from hashstore.digest import Digest


def main() -> None:
    path, count, width, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    members = Members(tuple(f"{number:064x}".encode() for number in range(count)))
    vectors = np.memmap(path, np.float32, "r", shape=(count, width))
    nobody = Digest.of(b"")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index").write_bytes(build_index(nobody, nobody, "embedding", members, vectors))
    (folder / "members").write_bytes(members.data)


if __name__ == "__main__":
    main()
