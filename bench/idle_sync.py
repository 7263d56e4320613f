"""Sync a node that has everything already, over and over: `python -m bench.idle_sync NODE TIMES`.

Prints as JSON the median seconds of one sync for each followed log, and CPU seconds. One process does them
all, as a server that follows others is one.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from node.compose import open_node
from node.layout import Layout
from node.peers.sync import follow_all


def main(folder: str, times: int) -> None:
    node = open_node(Layout(Path(folder)))
    logs = len(node.peers.logs())
    follow_all(node)  # imports, and connections to databases
    took = []
    cpu = time.process_time()
    for _ in range(times):
        began = time.perf_counter()
        results = follow_all(node)
        took.append(time.perf_counter() - began)
        if any(result.new or not result.complete for result in results):
            sys.exit(f"there was something to do: {results}")
    cpu = time.process_time() - cpu
    print(json.dumps({"seconds": statistics.median(took) / logs, "cpu_seconds": cpu / times / logs}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
