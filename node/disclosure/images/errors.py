"""What can go wrong with an image that is to be cleaned."""

from crawlers.errors import CrawlerError


class NotUnderstood(CrawlerError):
    """The image cannot be read with certainty, so that nothing of it may be shown."""
