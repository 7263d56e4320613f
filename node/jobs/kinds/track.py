"""`track`: crawl a source; one job is one crawl in the log, however often it was killed."""

from __future__ import annotations

from collections.abc import Mapping

from hashstore.canonical import Json
from node.errors import JobRefused, NodeError, SourceRefused
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task


class Track:
    """Track a source once."""

    name = "track"
    about = "Track a source: take its records, mirror its images, sign where they came from."
    parameters = (
        Parameter("source", "Its address.", needed=True),
        Parameter("images", "Whether images are fetched, or records only.", bool, True),
        Parameter("maxPerHost", "Connections to one host; without it, node.toml's number.", int),
        Parameter(
            "allowPrivate",
            "Whether private addresses that the source names may be fetched.",
            bool,
            False,
            over_http=False,
        ),
        Parameter(
            "privateSource",
            "Whether the source itself may have a private address.",
            bool,
            True,
            over_http=False,
        ),
    )
    remote = True
    internal = False
    resumes = Resumes.KEYED

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Refuse numbers that no crawl takes, and over HTTP what only this machine's own user may name."""
        most = parameters["maxPerHost"]
        if isinstance(most, int) and not 1 <= most <= 256:
            raise JobRefused("track: 'maxPerHost' must be from 1 to 256.")
        source = str(parameters["source"])
        here = not source.lower().startswith(("http://", "https://"))
        if remote and here:
            raise JobRefused("track: over HTTP, 'source' must be an http(s) address.")
        if here and not source.startswith("/"):
            raise JobRefused(f"track: give 'source' as an address or from the root on, not {source!r}.")

    def run(self, task: Task) -> Mapping[str, Json]:
        """Crawl; what an earlier run began goes on, and what stands in the log is not begun again."""
        from node.track import TrackOptions
        from node.track.once import Once
        from node.track.run import track
        from node.witness.own import gather_for

        asked, key = task.parameters, task.key
        most, earlier = asked["maxPerHost"], task.notes.get("crawl")
        options = TrackOptions(
            images=bool(asked["images"]),
            max_per_host=most if isinstance(most, int) else None,
            allow_private=bool(asked["allowPrivate"]),
            private_source=bool(asked.get("privateSource", True)),  # older jobs do not say
        )
        # After a failure the next attempt is another crawl: the one that failed stands in the log as such.
        known = str(earlier) if earlier and task.notes.get("for") == key else None
        once = Once(
            known,
            lambda crawl: task.remember({"crawl": crawl, "for": key}),
            # Killed after the log says so, the job must still fail, and for this reason.
            lambda error: task.remember({**task.notes, "refused": str(error), "lasts": _lasts(error)}),
            _refusal(task.notes) if known else None,
        )
        summary = track(task.node, str(asked["source"]), options, task, once)
        if task.node.config.witness.asked:
            gather_for(task.node)  # who does not answer is asked again after the next crawl
        return {**summary.fields(), "partial": summary.partial}


def _lasts(error: Exception) -> bool:
    """Whether the next attempt would come to the same."""
    from crawlers.errors import UnrecognisedSource

    return isinstance(error, UnrecognisedSource)


def _refusal(notes: Mapping[str, Json]) -> NodeError | None:
    """Why an earlier run found its source not to be trackable."""
    if (told := notes.get("refused")) is None:
        return None
    return JobRefused(str(told)) if notes.get("lasts") else SourceRefused(str(told))


KIND = Track()
