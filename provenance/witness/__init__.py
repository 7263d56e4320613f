"""Witnesses: who saw which head of a log, and what proves that a log contradicts itself. Pure."""

from provenance.witness.decide import Decision, Known, decide
from provenance.witness.equivocation import (
    EquivocationProof,
    check_equivocation,
    contradiction,
)
from provenance.witness.equivocation_form import decode_equivocation, encode_equivocation
from provenance.witness.policy import Witnessed, WitnessPolicy
from provenance.witness.request import AddCheckpoint, encode_request, parse_request

__all__ = [
    "AddCheckpoint",
    "Decision",
    "EquivocationProof",
    "Known",
    "WitnessPolicy",
    "Witnessed",
    "check_equivocation",
    "contradiction",
    "decide",
    "decode_equivocation",
    "encode_equivocation",
    "encode_request",
    "parse_request",
]
