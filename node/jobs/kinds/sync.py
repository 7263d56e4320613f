"""`sync`: fetch what is new in the logs that this node follows."""

from __future__ import annotations

from collections.abc import Mapping

from hashstore.canonical import Json
from node.jobs.kinds.interface import Parameters, Resumes, Task


class Sync:
    """Follow all peers once."""

    name = "sync"
    about = "Fetch what is new in the logs that this node follows."
    parameters = ()
    remote = True
    internal = False
    resumes = Resumes.CONTINUES

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Nothing to refuse."""

    def run(self, task: Task) -> Mapping[str, Json]:
        """Sync; a log's trouble is part of the result, since the other logs are synced all the same."""
        from node.peers.sync import follow_all

        with task.phase("Following peers", None):
            results = follow_all(task.node, task.say)
        return {
            "logs": len(results),
            "new": sum(one.new for one in results),
            "blobs": sum(one.blobs for one in results),
            "refused": sum(len(one.refused) for one in results),
            "frozen": [one.origin for one in results if one.frozen],
            "trouble": {one.origin: " ".join(one.trouble) for one in results if one.trouble},
        }


KIND = Sync()
