"""Results of a pipeline's steps that stand in no log yet: kept by analyzer and parameters.

A run that was killed finds them again, and so does one whose other steps were changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from hashstore.digest import Digest
from node.analysis.pipeline.ready import ReadyPipeline, ReadyStep
from node.analysis.spool import Spool
from node.compose import Node
from node.writer_lock import writer_lock


@dataclass(frozen=True)
class Works:
    """The spools of a run, by work.

    Attributes:
        spools: One for each analyzer with its parameters.
        began: When the run began, be it in a process that was killed.
    """

    spools: Mapping[Digest, Spool]
    began: datetime

    def spool(self, step: ReadyStep) -> Spool:
        """Where the results of a step wait."""
        return self.spools[step.work]

    def forget(self) -> None:
        """The run is signed: its results stand in the log now."""
        for spool in self.spools.values():
            spool.forget()


@contextmanager
def opened_works(node: Node, ready: ReadyPipeline) -> Iterator[Works]:
    """Open the spools of a run; another that shares an analyzer with it waits.

    Locks are taken in one order by everybody, so that no two runs wait for each other.
    """
    node.layout.analysis.mkdir(exist_ok=True)
    with ExitStack() as stack:
        spools: dict[Digest, Spool] = {}
        for work in sorted(ready.works):
            path = node.layout.analysis / f"pipeline-{work.hex}.sqlite"
            stack.enter_context(writer_lock(path.with_suffix(".lock"), on_wait=node.waits))
            spools[work] = stack.enter_context(Spool(path))
        now = datetime.now(UTC).isoformat()
        began = min(datetime.fromisoformat(spool.begun(now)) for spool in spools.values())
        yield Works(spools, began)
