"""Write the vectors of pieces: `python spec/vectors/generate_pieces.py`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from hashstore.pieces import PIECE, piece_hashes, pieces_of_hashes, prove_piece

EMPTY = Digest.of(b"").uri
REFUSED = (
    "",
    "[]",
    '{"digest":"x","pieces":[0]}',
    f'{{"digest":"{EMPTY}"}}',
    f'{{"digest":"{EMPTY}","pieces":[]}}',
    f'{{"digest":"{EMPTY}","pieces":[0,0]}}',
    f'{{"digest":"{EMPTY}","pieces":[-1]}}',
    f'{{"digest":"{EMPTY}","pieces":[true]}}',
    f'{{"digest":"{EMPTY}","pieces":["0"]}}',
    f'{{"digest":"{EMPTY}","hashes":false}}',
    f'{{"digest":"{EMPTY}","hashes":true,"pieces":[0]}}',
    json.dumps({"digest": EMPTY, "pieces": list(range(17))}),
)


def vectors() -> Any:
    """Everything that the file holds."""
    cases = []
    for size in (0, 1, PIECE, PIECE + 1, 17 * PIECE + 1):
        data = b"a" * size
        _, hashes = piece_hashes(io.BytesIO(data))
        pieces = pieces_of_hashes(size, hashes)
        last = len(hashes) - 1
        cases.append(
            {
                "size": size,
                "digest": Digest.of(data).uri,
                "pieces": len(hashes),
                "firstLeafHash": hashes[0].hex() if hashes else None,
                "piecesRoot": pieces.root.uri,
                "pathOfLast": [step.hex() for step in prove_piece(hashes, last)] if hashes else None,
            }
        )
    about = (
        "Blobs of so many bytes 0x61, cut into pieces of 1 MiB; and bodies of POST /audit that are refused."
    )
    return {"description": about, "cases": cases, "refusedRequests": list(REFUSED)}


def main() -> None:
    """Write the file beside this program."""
    text = json.dumps(vectors(), indent=1) + "\n"
    Path(__file__).with_name("pieces.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
