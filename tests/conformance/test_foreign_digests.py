"""Digests against the vectors of multiformats/multihash and DASL, which nobody here wrote."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from multiformats import multibase

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest

_TAG_42 = bytes.fromhex("d82a5825")  # CBOR: a CID in 37 bytes, of which the first is the identity multibase


def test_whole_sha2_256_multihashes_are_read_and_all_others_refused(shared_data: Path) -> None:
    with (shared_data / "vectors/multihash/tests/values/test_cases.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    read = 0
    for row in rows:
        text = row["multihash"].strip()
        if (row["algorithm"], row["bits"].strip()) == ("sha2-256", "256"):
            digest = Digest.parse(text)
            assert digest == Digest.of(row["input"].encode())
            assert digest.multihash == f"f{text}"
            assert Digest.parse(multibase.encode(bytes.fromhex(text), "base58btc")) == digest
            read += 1
        elif len(text) != 64:  # 64 hex digits are a bare digest, whatever they came from
            with pytest.raises(MalformedDigest):
                Digest.parse(f"f{text}")
    assert read == 20
    assert len(rows) == 260


def test_dasl_cids_of_raw_sha_256_blocks_are_read_and_all_others_refused(shared_data: Path) -> None:
    cases = json.loads((shared_data / "vectors/dasl-testing/fixtures/cbor/cid.json").read_text())
    read = refused = 0
    for case in cases:
        data = bytes.fromhex(case["data"])
        cid = data[len(_TAG_42) + 1 :] if data.startswith(_TAG_42) else data[5:]
        text = multibase.encode(cid, "base32")
        if case["type"] == "roundtrip" and cid.startswith(bytes.fromhex("01551220")):
            assert Digest.parse(text).cid == text
            read += 1
        elif data.startswith(_TAG_42) and not cid.startswith(bytes.fromhex("01551220")):
            with pytest.raises(MalformedDigest):
                Digest.parse(text)
            refused += 1
    assert read > 0
    assert refused > 0
