"""`mirror`: bring what the mirrors of this node want, and claim what is held."""

from __future__ import annotations

from collections.abc import Mapping

from hashstore.canonical import Json
from node.jobs.kinds.interface import Parameters, Resumes, Task


class Mirrors:
    """Run all mirrors once."""

    name = "mirror"
    about = "Bring what the mirrors of this node want and is not here, and claim what is held."
    parameters = ()
    remote = True
    internal = False
    resumes = Resumes.CONTINUES

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Nothing to refuse."""

    def run(self, task: Task) -> Mapping[str, Json]:
        """Run the mirrors; a claim is signed only if it says something new."""
        from node.peers.bring import Sources
        from node.slices.bringing import from_peers
        from node.slices.known import slice_at
        from node.slices.replicate import run_mirror
        from node.slices.store import SliceStore

        node = task.node
        mirrors = SliceStore(node.layout.slices).mirrors()
        sources = Sources([peer.url for peer in node.peers.peers()], task.say)
        runs = []
        try:
            fetch = from_peers(node, sources)
            with task.phase("Bringing slices", len(mirrors)) as bar:
                for mirror in mirrors:
                    with node.index() as index:
                        known = slice_at(node, index, mirror.slice)
                    runs.append(run_mirror(node, known, mirror, fetch))
                    bar.advance()
        finally:
            sources.close()
        return {
            "mirrors": len(runs),
            "complete": all(run.complete for run in runs),
            "held": sum(run.held for run in runs),
            "fetched": sum(run.fetched for run in runs),
            "unavailable": sum(len(run.unavailable) for run in runs),
            "claims": [run.claim.uri for run in runs if run.claim is not None],
        }


KIND = Mirrors()
