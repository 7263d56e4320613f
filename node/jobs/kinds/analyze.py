"""`analyze`: read images by an analyzer, and sign what it finds; the same run is never signed twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hashstore.canonical import Json
from node.errors import JobRefused
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task

if TYPE_CHECKING:
    from node.analysis.run import Analysed


class Analyze:
    """Run an analyzer."""

    name = "analyze"
    about = "Read the images of a filter or dataset by an analyzer, and sign what it finds."
    parameters = (
        Parameter("analyzer", "Its name.", needed=True),
        Parameter("filter", "Which images; all of them if it is empty.", default=""),
        Parameter("dataset", "Or: the members of this version of a dataset.", default=""),
    )
    remote = True
    internal = False
    resumes = Resumes.CONTINUES

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Refuse a filter that is none; which analyzers there are is known where it runs."""
        from manifests.errors import FilterRefused
        from manifests.filter import read_filter

        if parameters["filter"] and parameters["dataset"]:
            raise JobRefused("analyze: give 'filter' or 'dataset', not both.")
        if not parameters["filter"]:
            return
        try:
            read_filter(str(parameters["filter"]))
        except FilterRefused as error:
            raise JobRefused(f"analyze: {error}") from error

    def run(self, task: Task) -> Mapping[str, Json]:
        """Read what was not read before; what a killed run had read is not read again."""
        from analyzers.errors import AnalyzerError

        try:
            done = _run(task)
        except AnalyzerError as error:
            raise JobRefused(f"analyze: {error}") from error
        return {
            "images": done.members,
            "before": done.before,
            "analyzed": done.tally.analyzed,
            "unreadable": done.tally.unreadable,
            "failed": len(done.failures),
            "findings": done.tally.findings,
            "statement": done.statement.uri if done.statement else None,
        }


def _run(task: Task) -> Analysed:
    from manifests.filter import And, read_filter
    from node.analysis.choose import images_of_dataset, images_of_filter
    from node.analysis.plan import make_plan
    from node.analysis.run import Told, analyse

    node, asked = task.node, task.parameters
    plan = make_plan(node, str(asked["analyzer"]), {})
    with node.index() as index:
        if asked["dataset"]:
            members = images_of_dataset(node, index, str(asked["dataset"]))
        else:
            tree = read_filter(str(asked["filter"])) if asked["filter"] else And(())
            members = images_of_filter(node, index, tree)
    with task.phase("Reading images", len(members)) as bar:
        return analyse(node, plan, members, Told(lambda total: None, bar.advance, lambda failure: None))


KIND = Analyze()
