"""python-dwca-reader's own ways over an archive; it keeps nothing, signs nothing and hashes nothing."""

from __future__ import annotations

import sys

from dwca.read import DwCAReader


def plain(path: str) -> int:
    """Every row of the core and of each extension, one after the other."""
    with DwCAReader(path) as archive:
        return sum(1 for file in (archive.core_file, *archive.extension_files) for _ in file.iter_rows())


def joined(path: str) -> int:
    """Every core row with its extension rows, as `row.extensions` gives them."""
    with DwCAReader(path) as archive:
        return sum(1 + len(row.extensions) for row in archive)


if __name__ == "__main__":
    print({"plain": plain, "joined": joined}[sys.argv[1]](sys.argv[2]))
