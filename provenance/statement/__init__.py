"""Signed statements: their profile, their two kinds of proof, and builders for each kind of statement."""

from provenance.statement.proofs import Verified
from provenance.statement.segments import segments_of
from provenance.statement.statement import (
    Statement,
    issue,
    new_statement_id,
    parse_statement,
    time_text,
    verify_statement,
)

__all__ = [
    "Statement",
    "Verified",
    "issue",
    "new_statement_id",
    "parse_statement",
    "segments_of",
    "time_text",
    "verify_statement",
]
