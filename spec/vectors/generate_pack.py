"""Makes pack.json: requests for packs and beginnings of frames, well-formed and not (spec/server.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from node.serve.pack import LARGEST_PACKED, Frame, PackState, encode_request

DIGESTS = [Digest.of(text) for text in (b"", b"herbarium", b"sheet")]


def main() -> None:
    """Write the vectors beside this file."""
    Path(__file__).with_name("pack.json").write_text(
        json.dumps(_vectors(), indent=1) + "\n", encoding="utf-8"
    )


def _vectors() -> dict[str, Any]:
    here = Frame(DIGESTS[1], PackState.HERE, 9).encode()
    malformed = {
        "cut off": here[:40],
        "too long": here + b"\x00",
        "a state that there is not": here[:32] + b"\x04" + here[33:],
        "more than a pack carries": here[:33] + (LARGEST_PACKED + 1).to_bytes(8),
        "bytes for what is not here": here[:32] + b"\x01" + here[33:],
    }
    frames = [
        Frame(DIGESTS[0], PackState.HERE, 0),
        Frame(DIGESTS[1], PackState.HERE, 9),
        Frame(DIGESTS[2], PackState.HERE, LARGEST_PACKED),
        *(Frame(DIGESTS[1], state, 0) for state in PackState if state is not PackState.HERE),
    ]
    return {
        "description": "Requests for packs of blobs and beginnings of frames, to take and to refuse "
        "(spec/server.md). Bodies and headers are in hex.",
        "requests": [
            {"digests": [digest.uri for digest in digests], "body": encode_request(digests).hex()}
            for digests in (DIGESTS[:1], DIGESTS)
        ],
        "frames": [_frame(frame) for frame in frames],
        "malformedFrames": [{"why": why, "header": header.hex()} for why, header in malformed.items()],
    }


def _frame(frame: Frame) -> dict[str, Any]:
    said = {"digest": frame.digest.uri, "state": int(frame.state), "length": frame.length}
    return {**said, "header": frame.encode().hex()}


if __name__ == "__main__":
    main()
