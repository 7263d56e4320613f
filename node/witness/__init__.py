"""This node as a witness of others' logs, and others as witnesses of its own."""

from node.witness.service import Answer, Witness
from node.witness.store import WitnessStore

__all__ = ["Answer", "Witness", "WitnessStore"]
