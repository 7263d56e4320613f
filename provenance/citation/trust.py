"""The keys that a reader of citations trusts: given one by one, or as a list in a policy file."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.errors import KeyMaterialError
from provenance.keys import PublicKey, VerifierKey, parse_public_key

_LARGEST_POLICY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """Keys that the reader got from somewhere other than the citation itself.

    Attributes:
        keys: public keys, of an institution's identity or of its log.
        logs: log keys under their origin; they vouch for that log only.
    """

    keys: frozenset[PublicKey] = frozenset()
    logs: frozenset[VerifierKey] = frozenset()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> TrustedKeys:
        """Reads keys, each `did:key:z6Mk...`, `z6Mk...` or a verifier key `<origin>+<id>+<base64>`.

        Raises:
            MalformedKey: a text is none of them.
        """
        keys, logs = set(), set()
        for text in texts:
            if "+" in text and not text.startswith("did:"):
                logs.add(VerifierKey.parse(text.strip()))
            else:
                keys.add(parse_public_key(text))
        return cls(frozenset(keys), frozenset(logs))

    @classmethod
    def load(cls, key_or_file: str) -> TrustedKeys:
        """Reads one key, or a policy file: JSON or TOML with a list `keys`, or a bare JSON list.

        Raises:
            KeyMaterialError: it is neither a key nor a readable policy.
        """
        path = Path(key_or_file)
        if path.suffix not in (".json", ".toml") and not os.path.isfile(path):
            return cls.parse([key_or_file])
        try:
            with path.open("rb") as file:
                data = file.read(_LARGEST_POLICY)
            return cls.parse(_keys_in(data, path))
        except (OSError, ValueError) as error:
            raise KeyMaterialError(
                f"{path} cannot be read as a trust policy, which is JSON or TOML with a list of keys: {error}"
            ) from error

    def reason(self, identity: PublicKey, log: VerifierKey) -> str | None:
        """Which trusted key vouches for a log with these keys, or None."""
        if identity in self.keys:
            return identity.did
        if log.key in self.keys:
            return log.key.did
        return str(log) if log in self.logs else None


def _keys_in(data: bytes, path: Path) -> list[str]:
    text = data.decode("utf-8")
    policy: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    keys = policy.get("keys") if isinstance(policy, dict) else policy
    if isinstance(policy, dict) and set(policy) != {"keys"}:
        # A policy that says more than this version understands must not be read as saying less.
        raise ValueError("a policy has one member, keys; other members are not understood")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise ValueError("keys must be a list of did:key:z6Mk... or <origin>+<id>+<base64>")
    return keys
