"""A bare loop over files: read, decode, scale, run the network; nothing is checked, named or kept.

`python -m bench.plain_embedding FOLDER`. The same decoder, the same scaling and the same network as ours.
"""

from __future__ import annotations

import sys
from pathlib import Path

import simplejpeg

from analyzers.builtin.embedding import DESCRIPTION, network_input
from analyzers.models.origin import find_model
from analyzers.models.session import Session

_SIDE = 224


def main(folder: Path) -> None:
    """Embed every file of a folder."""
    (model,) = DESCRIPTION.models
    path = find_model(model)
    assert path is not None
    session, done = Session(path), 0
    for file in sorted(folder.iterdir()):
        pixels = simplejpeg.decode_jpeg(file.read_bytes(), "RGB", False, False, _SIDE, _SIDE)
        session.run(pixels=network_input(pixels, _SIDE))
        done += 1
    print(done)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
