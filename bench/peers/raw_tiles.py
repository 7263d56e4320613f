"""Cut parts out of a pyramid and encode them with pyvips alone, in two processes: no server, no cache.

`python -m bench.peers.raw_tiles PYRAMID REGIONS COUNT`; REGIONS has an `x,y,w,h` on each line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_PROCESSES = 2


def main(pyramid: str, regions: str, count: int) -> int:
    """Do as many as are wanted, the first ones; returns how many processes failed."""
    boxes = [list(map(int, line.split(","))) for line in Path(regions).read_text().split()][:count]
    children = [_child(pyramid, boxes[number::_PROCESSES]) for number in range(_PROCESSES)]
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


def _child(pyramid: str, boxes: Sequence[Sequence[int]]) -> int:
    child = os.fork()
    if child:
        return child
    os.environ["VIPS_CONCURRENCY"] = "1"
    import pyvips

    pyvips.cache_set_max(0)
    whole = pyvips.Image.tiffload(pyramid)
    for box in boxes:
        whole.crop(*box).jpegsave_buffer(Q=85, keep=0)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
