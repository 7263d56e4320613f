"""`verify`: hash every blob again, and name what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from hashstore.canonical import Json
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task

_MOST_TOLD = 1_000


class Verify:
    """Verify the node."""

    name = "verify"
    about = "Hash every blob again, and name each one that is bad, missing or does not belong."
    parameters = (Parameter("deep", "Also check statements, signatures, log, keys and index.", bool, False),)
    remote = True
    internal = False
    resumes = Resumes.REPEATS

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Nothing to refuse."""

    def run(self, task: Task) -> Mapping[str, Json]:
        """Verify; faults are a result, not a failure."""
        from node.verify import verify_node

        active = task.node.active
        total = sum(active.size(digest) for digest in active.digests())
        with task.phase("Hashing every blob", total) as bar:
            deep = bool(task.parameters["deep"])
            found = verify_node(task.node, deep=deep, progress=bar.advance, phase=task.say)
            named = [fault.fields() for fault in islice(found, _MOST_TOLD)]
            more = sum(1 for _ in found)
        return {"bytes": total, "faults": len(named) + more, "named": named}


KIND = Verify()
