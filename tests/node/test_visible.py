"""What strangers wrote cannot steer the terminal of whoever reads it, nor pass for a line of ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.merkle import leaf_hash
from manifests.access import AccessClass
from manifests.proof import RowProof
from node.cli.output import Output
from node.cli.visible import one_line, visible
from provenance.citation import cite_row
from provenance.citation.bundle import LARGEST_BUNDLE
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import SegmentLeaf, StatementLeaf
from provenance.log.log import Log
from provenance.statement import issue
from provenance.statement.kinds import LogDescription

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_LIE = "Kew\n  trusted   did:key:z6Mk\x1b[1;1H\x1b[2JVERIFIED\x9b2J\u202e\r"


def test_steering_characters_are_shown_and_all_others_left_alone() -> None:
    assert visible("a\x1b[2J\x7f\x9bé\tb\nc\u202e") == "a\\u001b[2J\\u007f\\u009bé\tb\nc\\u202e"
    assert visible("Übersicht, 標本, مجموعة\n") == "Übersicht, 標本, مجموعة\n"
    assert one_line("a\n b\t") == "a\\n b\\t"


def test_json_still_says_the_same_and_is_fit_for_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    Output(json=True).item({"title": _LIE})
    line = capfd.readouterr().out
    assert json.loads(line) == {"title": _LIE}
    assert line.rstrip("\n") == visible(line.rstrip("\n"))


def _lying_bundle(folder: Path) -> Path:
    """A sound bundle of somebody's own log, with a row that draws a verdict of its own."""
    identity, signer, now = SigningKey(b"i" * 32), SigningKey(b"l" * 32), datetime(2026, 11, 23, tzinfo=UTC)
    key = VerifierKey("evil.test/log", signer.public)
    made = LogDescription("urn:uuid:11111111-1111-4111-8111-111111111111", key, identity.public, "Kew", now)
    description = issue(made.document(), identity, now)
    row = canonical_json({"url": _LIE, "requestedAt": _LIE})
    root, nothing = Digest(leaf_hash(row)), Digest.of(b"")
    segment = SegmentLeaf(description.digest, nothing, "capture", nothing, 1, root, AccessClass.PUBLIC)
    log = Log(folder / "log", key.name, signer)
    log.append([StatementLeaf(description.digest).encode(), segment.encode()])
    file = folder / "bundle.json"
    file.write_bytes(cite_row(log, description, 1, RowProof(row, 0, 1, (), root), "A row."))
    return file


def test_a_row_draws_no_verdict_of_its_own(vasculum: Vasculum, tmp_path: Path) -> None:
    said = vasculum("verify-citation", _lying_bundle(tmp_path))
    assert said.code == 3
    assert said.out == visible(said.out)
    assert not any(line.startswith("  trusted") for line in said.out.splitlines())


def test_a_file_without_end_is_no_bundle(vasculum: Vasculum, tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    with endless.open("wb") as file:
        file.truncate(1 << 40)
    said = vasculum("verify-citation", endless)
    assert said.code == 4
    assert f"{LARGEST_BUNDLE:,}" in said.out
