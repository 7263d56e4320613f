"""`python -m bench.search_build INDEX FOLDER`: derive what is searched from a copy of an index."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from node.search.generation import make_generation


def main() -> None:
    index, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(index, folder / "index.duckdb")
    make_generation(folder, lambda what, steps: None)


if __name__ == "__main__":
    main()
