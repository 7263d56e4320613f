"""The box in which segments that came from others are examined.

Light to import: the box takes as long to start as the program, so a command that will need it can start it
first.
"""

from __future__ import annotations

from crawlers.box import Box, BoxLimits

# For one batch of segments of up to 500,000 rows each; a Parquet bomb ends here, not in the node.
_LIMITS = BoxLimits(address_space=4 << 30, file_size=1 << 20, cpu=1_200, wall=1_800.0)


def examining_box() -> Box:
    """A box that gets ready to examine segments, once."""
    return Box("node.peers.examine:examined", _LIMITS)
