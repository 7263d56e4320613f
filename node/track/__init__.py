"""Tracking a source: its records, its images, and a signed statement about both.

One crawl goes through these rooms in this order: `location` (what is it), `archives` (records),
`images` (bytes), `finish` (segments, statement, log, index). `session` keeps what each of them
did in the journal, so that a killed crawl goes on where it stopped.
"""

from node.track.model import Listener, TrackOptions, TrackSummary
from node.track.run import track

__all__ = ["Listener", "TrackOptions", "TrackSummary", "track"]
