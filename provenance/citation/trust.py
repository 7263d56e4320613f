"""The keys that a reader of citations trusts: given one by one, or as a list in a policy file."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provenance.errors import KeyMaterialError, MalformedKey
from provenance.key_history import KeyHistory
from provenance.keys import PublicKey, VerifierKey, parse_public_key
from provenance.witness.policy import WitnessPolicy

_LARGEST_POLICY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """Keys that the reader got from somewhere other than the citation itself.

    Attributes:
        keys: public keys, of an institution's identity or of its log.
        logs: log keys under their origin; they vouch for that log only.
        witnesses: which witnesses make a citation strong, where the reader has chosen any.
    """

    keys: frozenset[PublicKey] = frozenset()
    logs: frozenset[VerifierKey] = frozenset()
    witnesses: WitnessPolicy | None = None

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
        """Reads one key, or a policy file: JSON or TOML with a list `keys` and perhaps `witnesses`.

        Raises:
            KeyMaterialError: it is neither a key nor a readable policy.
        """
        path = Path(key_or_file)
        if path.suffix not in (".json", ".toml") and not os.path.isfile(path):
            return cls.parse([key_or_file])
        try:
            with path.open("rb") as file:
                data = file.read(_LARGEST_POLICY)
            return _read_policy(data, path)
        except (OSError, ValueError) as error:
            raise KeyMaterialError(
                f"{path} cannot be read as a trust policy, which is JSON or TOML with a list of keys: {error}"
            ) from error

    @classmethod
    def join(cls, parts: Sequence[TrustedKeys]) -> TrustedKeys:
        """All keys of several policies together.

        Raises:
            KeyMaterialError: more than one of them chooses witnesses.
        """
        chosen = [part.witnesses for part in parts if part.witnesses is not None]
        if len(chosen) > 1:
            raise KeyMaterialError("Two policies choose witnesses; say in one which of them make it strong.")
        keys = frozenset[PublicKey]().union(*(part.keys for part in parts))
        logs = frozenset[VerifierKey]().union(*(part.logs for part in parts))
        return cls(keys, logs, next(iter(chosen), None))

    def reason(self, history: KeyHistory, index: int) -> str | None:
        """Which trusted key vouches for a leaf of a log, or None.

        Args:
            history: the log's keys.
            index: the leaf; of a log as a whole, the last one.
        """
        for span in (*reversed(history.identities), *reversed(history.logs)):
            if span.key in self.keys and history.vouches(span.key, index):
                return span.key.did
        for key in reversed(history.log_keys):
            if key in self.logs and history.vouches(key.key, index):
                return str(key)
        return None


def _read_policy(data: bytes, path: Path) -> TrustedKeys:
    text = data.decode("utf-8")
    policy: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    if not isinstance(policy, dict):
        policy = {"keys": policy}
    if not {"keys"} <= set(policy) <= {"keys", "witnesses"}:
        # A policy that says more than this version understands must not be read as saying less.
        raise ValueError("a policy has keys and perhaps witnesses; other members are not understood")
    trusted = TrustedKeys.parse(_texts(policy["keys"], "did:key:z6Mk... or <origin>+<id>+<base64>"))
    if "witnesses" not in policy:
        return trusted
    return replace(trusted, witnesses=_read_witnesses(policy["witnesses"]))


def _read_witnesses(value: Any) -> WitnessPolicy:
    if not isinstance(value, dict) or set(value) != {"keys", "threshold"}:
        raise ValueError("witnesses has two members, keys and threshold")
    threshold = value["threshold"]
    if not isinstance(threshold, int) or isinstance(threshold, bool):
        raise ValueError("the threshold of witnesses is a whole number")
    keys = _texts(value["keys"], "<name>+<id>+<base64> of witnesses")
    try:
        return WitnessPolicy.parse(keys, threshold)
    except MalformedKey as error:
        raise ValueError(str(error)) from error


def _texts(value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise ValueError(f"keys must be a list of {what}")
    return value
