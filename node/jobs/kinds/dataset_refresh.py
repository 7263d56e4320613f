"""`dataset-refresh`: the next version of a dataset, if it is another; one job makes one version at most."""

from __future__ import annotations

from collections.abc import Mapping

from hashstore.canonical import Json
from hashstore.digest import Digest
from node.compose import Node
from node.datasets.known import KnownDataset
from node.errors import DatasetError, JobRefused
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task


class DatasetRefresh:
    """Refresh a dataset."""

    name = "dataset-refresh"
    about = "Make the next version of a dataset of this node, if the logs have another one by now."
    parameters = (Parameter("dataset", "Its title, or any identifier of a version.", needed=True),)
    remote = True
    internal = False
    resumes = Resumes.KEYED

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Nothing to refuse."""

    def run(self, task: Task) -> Mapping[str, Json]:
        """Refresh the newest version, unless an earlier run of this job did."""
        from manifests.errors import ManifestError
        from node.datasets.refresh import refresh

        with task.phase("Refreshing", None), task.node.writing():
            newest = _newest(task.node, str(task.parameters["dataset"]))
            earlier = task.notes.get("newest") if task.notes.get("for") == task.key else None
            if earlier is not None and earlier != newest.digest.uri:
                return _told(newest, Digest.parse(str(earlier)))
            task.remember({"newest": newest.digest.uri, "for": task.key})
            try:
                done = refresh(task.node, newest, lambda order: order)
            except (ManifestError, DatasetError) as error:
                raise JobRefused(str(error)) from error
        return _told(done.new or newest, newest.digest)


def _newest(node: Node, text: str) -> KnownDataset:
    from node.datasets.known import find_dataset, versions_of

    with node.index() as index:
        return versions_of(node, index, find_dataset(node, index, text))[0]


def _told(version: KnownDataset, before: Digest) -> dict[str, Json]:
    return {
        "version": version.version.number,
        "statement": version.digest.uri,
        "members": version.version.count,
        "new": version.digest != before,
    }


KIND = DatasetRefresh()
