"""Tracking a source: its records, its images, and a signed statement about both.

One crawl goes through these rooms in this order: `place` (what is it), `gather` (records), `plan` and
`images` (bytes), `finish` (segments, statement, log, index). `session` keeps what each of them
did in the journal, so that a killed crawl goes on where it stopped.
"""

from node.track.model import Listener, TrackOptions, TrackSummary

__all__ = ["Listener", "TrackOptions", "TrackSummary"]
