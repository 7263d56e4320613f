"""Verification: every byte of every blob, and with `deep` everything that is said about them."""

from node.verify.fault import NodeFault
from node.verify.run import verify_node

__all__ = ["NodeFault", "verify_node"]
