"""`dataset-export`: a version of a dataset in a format, at a place, where it is seen whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hashstore.canonical import Json
from node.errors import ConfigError, JobRefused
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task


class DatasetExport:
    """Export a dataset."""

    name = "dataset-export"
    about = "Export a version of a dataset in one of the formats of `dataset export`."
    parameters = (
        Parameter("dataset", "Its title, or any identifier of a version.", needed=True),
        Parameter("format", "Such as coco, webdataset or parquet.", needed=True),
        Parameter(
            "place", "A folder, a path that ends in .tar or .zip, or the URL of a bucket.", needed=True
        ),
        Parameter("leaveOut", "Export what can be had, and name what cannot.", bool, False),
    )
    remote = True
    internal = False
    resumes = Resumes.CONTINUES

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Refuse places that are not the same for every process, and over HTTP those on this machine."""
        from node.storage.address import Bucket, parse_address

        text = str(parameters["place"])
        if "://" not in text and not text.startswith("/"):
            raise JobRefused(f"dataset-export: give 'place' as a URL or from the root on, not {text!r}.")
        try:
            place = parse_address(text)
        except ConfigError as error:
            raise JobRefused(f"dataset-export: 'place': {error}") from error
        if remote and not isinstance(place, Bucket):
            raise JobRefused("dataset-export: over HTTP, 'place' must be the URL of a bucket.")

    def run(self, task: Task) -> Mapping[str, Json]:
        """Export; what an earlier run wrote is kept, and what it has shown is done."""
        from manifests.export.errors import ExportRefused, MembersLost
        from manifests.export.registry import exporter
        from node.datasets.known import find_dataset
        from node.export.run import export_dataset, look_through

        asked, node = task.parameters, task.node
        place, begun = str(asked["place"]), task.notes.get("for") == task.key
        if begun and "://" not in place and _shown(Path(place)):
            return {"place": place, "resumed": True}
        with node.index() as index:
            known = find_dataset(node, index, str(asked["dataset"]))

        def on_file(entry: object) -> None:
            if task.notes.get("for") != task.key:
                task.remember({"for": task.key})  # from here on, what stands at the place is ours
            bar.advance()

        try:
            with task.phase("Looking at members", known.version.count) as bar:
                chosen, leave_out = exporter(str(asked["format"])), bool(asked["leaveOut"])
                ready = look_through(node, known, chosen, leave_out=leave_out, on_looked=bar.advance)
            with task.phase("Exporting", known.version.count) as bar:
                done = export_dataset(ready, place, resume=True, on_file=on_file)
        except (ExportRefused, MembersLost) as error:
            raise JobRefused(str(error)) from error
        return {
            "place": place,
            "manifest": done.finished.manifest.uri,
            "leftOut": [failure.digest.uri for failure in done.left_out],
            "resumed": begun,
        }


def _shown(target: Path) -> bool:
    return any(target.iterdir()) if target.is_dir() else target.exists()


KIND = DatasetExport()
