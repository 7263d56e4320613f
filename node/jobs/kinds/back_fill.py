"""`back-fill`: analyzers that are new, or changed, read what they have not seen; a second does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hashstore.canonical import Json
from node.errors import JobRefused
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task

if TYPE_CHECKING:
    from node.analysis.run import Told


class BackFill:
    """Run what is due."""

    name = "back-fill"
    about = "Let analyzers that are new, or changed, read the images that they have not seen."
    parameters = (Parameter("analyzer", "Only the one of that name.", default=""),)
    remote = True
    internal = False
    resumes = Resumes.CONTINUES

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Which analyzers there are is known where it runs."""

    def run(self, task: Task) -> Mapping[str, Json]:
        """Read what was not read before; what a killed run had read is not read again."""
        from analyzers.errors import AnalyzerError
        from node.analysis.backfill import back_fill

        @contextmanager
        def telling(name: str) -> Iterator[Told]:
            from node.analysis.run import Told

            with task.phase(f"{name}: reading images", None) as bar:
                yield Told(bar.resize, bar.advance, lambda failure: None)

        only = str(task.parameters["analyzer"]) or None
        try:
            done = list(back_fill(task.node, telling, task.say, only))
        except AnalyzerError as error:
            raise JobRefused(f"back-fill: {error}") from error
        statements: list[Json] = [run.statement.uri for _, run in done if run.statement]
        return {
            "analyzers": len(done),
            "analyzed": sum(run.tally.analyzed for _, run in done),
            "before": sum(run.before for _, run in done),
            "failed": sum(len(run.failures) for _, run in done),
            "statements": statements,
        }


KIND = BackFill()
