"""What a crawl has done so far, kept in SQLite until it stands in the log.

A capture that the journal holds is acknowledged: it survives `kill -9`, and the next run of the
same crawl goes on from there.
"""

from node.journal.database import Journal
from node.journal.model import CrawlState, Phase, Planned

__all__ = ["CrawlState", "Journal", "Phase", "Planned"]
