"""Reading the members that several kinds of statement share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hashstore.digest import Digest
from provenance.cosignature import Algorithm, CosignerKey
from provenance.errors import MalformedKey, MalformedStatement
from provenance.keys import PublicKey, parse_public_key

_COUNT = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


def key_commitment(key: PublicKey) -> Digest:
    """What is published of a key that is to be used later: the SHA-256 of its did."""
    return Digest.of(key.did.encode())


def read_node(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that is an object.

    Raises:
        KeyError: it is missing.
        ValueError: it is something else.
    """
    node = document[name]
    if not isinstance(node, Mapping):
        raise ValueError(f"{name}, which must be an object")
    return node


def read_digest(value: Any) -> Digest | None:
    """A digest as statements write it, or None where there is none.

    Raises:
        MalformedStatement: it is written in another way.
        HashstoreError: it is no digest.
    """
    if value is None:
        return None
    found = Digest.parse(str(value))
    if found.uri != value:
        raise MalformedStatement(f"A digest in a statement is hash://sha256/<hex>, not {value!r}.")
    return found


def read_did(value: Any) -> PublicKey:
    """A key as statements write it, `did:key:z6Mk...`.

    Raises:
        MalformedKey: it is written in another way.
    """
    key = parse_public_key(str(value))
    if key.did != value:
        raise MalformedKey(f"A key in a statement is did:key:z6Mk..., not {value!r}")
    return key


def read_count(value: Any) -> int:
    """A count as statements write it: decimal digits in a text.

    Raises:
        MalformedStatement: it is something else.
    """
    if not isinstance(value, str) or not _COUNT.fullmatch(value):
        raise MalformedStatement(f"A count in a statement is a text of digits, not {value!r}.")
    return int(value)


def read_post_quantum(log: Mapping[str, Any]) -> CosignerKey | None:
    """The ML-DSA-44 key of a log, where it names one.

    Raises:
        MalformedKey: it is of another kind, or under another name than the log's origin.
    """
    text = log.get("postQuantumKey")
    if text is None:
        return None
    key = CosignerKey.parse(str(text))
    if key.algorithm is not Algorithm.ML_DSA_44 or key.name != log.get("origin"):
        raise MalformedKey("the postQuantumKey of a log is an ML-DSA-44 key under the log's origin")
    return key
