"""What can go wrong while bringing things in: one root, so that a caller can catch them all.

Network trouble is no exception here: the fetcher answers every request with a `Capture`, failures included.
"""


class CrawlerError(Exception):
    """Root of every error that this package raises; its text says what happened, where, and what to do."""


class UnrecognisedSource(CrawlerError):
    """No plug-in recognises the location as a source that can be tracked."""


class UnreadableFolder(CrawlerError):
    """A folder cannot be listed."""


class MalformedList(CrawlerError):
    """A list of URLs cannot be read, or names no URL."""


class MalformedFeed(CrawlerError):
    """A feed of archives is not well-formed, is no feed, or lists no archive."""


class MalformedMetadata(CrawlerError):
    """A metadata document is empty, not XML, unsafe, or in a format that is not read here."""


class MalformedXml(CrawlerError):
    """A document is not well-formed XML; the text names the line."""


class UnsafeXml(CrawlerError):
    """An XML document is too large or declares entities, and so is not parsed at all."""
