"""Print `commitments.json`, word for word by spec/disclosure.md.

Uses nothing of Vasculum, so that the vectors are a second opinion:
python generate_commitments.py > commitments.json
The values need no escaping and their names are in order, so that Python's own JSON is the canonical form.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

_VALUES: tuple[tuple[str, Any], ...] = (
    ("a text", "Wicken Fen"),
    ("nothing", None),
    ("an empty object", {}),
    ("what a specimen row leaves out", {"decimalLatitude": "52.30712", "decimalLongitude": "0.29145"}),
    ("beyond ASCII", {"locality": "Höhe über dem Fluß, 北京"}),
    ("the digest of an original image", "hash://sha256/" + "1c" * 32),
)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _case(number: int, about: str, value: Any) -> dict[str, Any]:
    salt = hashlib.sha256(f"salt {number}".encode()).digest()
    digest = hashlib.sha256(b"vasculum/commitment/v1\n" + salt + _canonical(value)).hexdigest()
    return {"about": about, "value": value, "salt": salt.hex(), "commitment": f"hash://sha256/{digest}"}


def _salt(subject: Any) -> dict[str, Any]:
    secret = bytes(range(32))
    salt = hmac.digest(secret, b"vasculum/commitment-salt/v1\n" + _canonical(subject), "sha256")
    return {"secret": secret.hex(), "subject": subject, "salt": salt.hex()}


def main() -> None:
    """Print the vectors."""
    vectors = {
        "description": "Commitments that hold, and salts that a node derives from its secret.",
        "commitments": [_case(number, *value) for number, value in enumerate(_VALUES, 1)],
        "salts": [_salt(["specimen", "urn:x:1", {"locality": "Wicken Fen"}]), _salt([])],
    }
    print(json.dumps(vectors, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
