"""Exit codes: a part of the command line's contract."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    ERROR = 1
    """It could not be done, or what was asked for is not here."""
    USAGE = 2
    """What was typed is wrong, and would be at any node."""
    PARTIAL = 3
    """Some of the work failed and the rest is done, or a signer is not known to the reader."""
    VERIFICATION_FAILED = 4
    INTERRUPTED = 130
