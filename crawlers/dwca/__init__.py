"""Darwin Core Archives: from published files to rows of specimens, media and others. See spec/dwca.md."""

from crawlers.dwca.archive import convert_archive
from crawlers.dwca.container.interface import Digests
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.limits import Limits
from crawlers.dwca.media_urls import MediaUrl, MediaUrls, media_urls
from crawlers.dwca.report import ConversionReport, FileReport

__all__ = [
    "ArchiveRefused",
    "ConversionReport",
    "Digests",
    "FileReport",
    "Limits",
    "MediaUrl",
    "MediaUrls",
    "convert_archive",
    "media_urls",
]
