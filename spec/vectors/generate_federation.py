"""Write the vectors of the statements by which nodes speak of logs, slices, copies and withdrawals.

Run it as `python spec/vectors/generate_federation.py`. The key is made of a plain seed and Ed25519 is
deterministic: a program in any language must arrive at the same bytes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.filter import parse_filter
from manifests.segment import Segment
from provenance.keys import SigningKey
from provenance.log.checkpoint import TreeHead
from provenance.statement import issue
from provenance.statement.kinds import (
    AuditReport,
    Equivocation,
    LogState,
    LogSuccessor,
    ReplicaClaim,
    Slice,
    Withdrawal,
    WithdrawalDecision,
)
from provenance.statement.kinds.withdrawal import Choice, Reason, Replacement

FOLDER = Path(__file__).parent
KEY = SigningKey(bytes(range(32)))
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OLD, NEW, IMAGE, ROOT = (Digest.of(b"%d" % n) for n in range(4))


def _iri(number: int) -> str:
    return f"urn:uuid:{number:08d}-0000-4000-8000-000000000000"


def _replication() -> tuple[Any, ...]:
    agent = KEY.public
    chosen = Slice(
        _iri(1),
        agent,
        "Oaks of Sweden",
        parse_filter('{"in":{"field":"country","values":["SE","Sweden"]}}'),
        (LogState("museum.example/log", 258, ROOT),),
        OLD,
        ROOT,
        3,
        NOW,
    )
    named = issue(chosen.document(), KEY, NOW).digest
    claim = ReplicaClaim(_iri(2), agent, named, ROOT, 2, NEW, NOW)
    claimed = issue(claim.document(), KEY, NOW).digest
    return (
        chosen,
        claim,
        ReplicaClaim(_iri(3), agent, named, ROOT, 3, None, NOW),
        AuditReport(_iri(4), agent, claimed, named, NOW, NOW, 299, 297, 2, 0, (IMAGE,)),
    )


def _withdrawing() -> tuple[Any, ...]:
    left = Segment(NEW, "specimen", Digest.of(b"a schema"), 4, ROOT, AccessClass.PUBLIC)
    rows = Withdrawal(
        _iri(5),
        KEY.public,
        NOW,
        (f"{OLD.uri}#row=2",),
        Reason.PERSONAL_DATA,
        "the collector asked",
        (Replacement(left, OLD, (2,)),),
    )
    return (
        rows,
        Withdrawal(_iri(6), KEY.public, NOW, (IMAGE.uri,), Reason.RIGHTS),
        WithdrawalDecision(_iri(7), KEY.public, NOW, rows.id, Choice.DELETE, "", (IMAGE,)),
    )


def _about_logs() -> tuple[Any, ...]:
    head = TreeHead(258, ROOT.raw)
    return (
        LogSuccessor(_iri(8), "museum.example/log-2", "museum.example/log", head, NOW),
        Equivocation(_iri(9), KEY.public, "other.example/log", OLD, NOW),
    )


def generate() -> str:
    """The text of the file."""
    cases = []
    for kind in (*_replication(), *_withdrawing(), *_about_logs()):
        statement = issue(kind.document(), KEY, NOW)
        cases.append(
            {
                "kind": type(kind).__name__,
                "unsigned": statement.unsigned,
                "signed": statement.raw.decode(),
                "digest": statement.digest.uri,
            }
        )
    about = "Statements by which nodes speak of logs, slices, copies and withdrawals, unsigned and signed."
    document = {"description": about, "did": KEY.public.did, "cases": cases}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (FOLDER / "federation.json").write_text(generate(), encoding="utf-8")
