"""Where things stand on the museum's server: one place, so that archive, feed, pages and site agree."""

from __future__ import annotations

ARCHIVE_PATH = "/archives/mds-drawn-specimens.zip"
EML_PATH = "/eml/mds-drawn-specimens.xml"
FEED_PATH = "/rss.xml"
LIST_PATH = "/images.txt"
TABLE_PATH = "/images.csv"
ROBOTS_PATH = "/robots.txt"
PRIVATE_PATH = "/private/accession-book.txt"
ADVANCE_PATH = "/advance"


def image_path(catalog_number: str) -> str:
    """Give the path of a specimen's image."""
    return f"/media/{catalog_number}.jpg"


def image_url(base_url: str, catalog_number: str) -> str:
    """Give the address of a specimen's image, as `ac:accessURI` states it."""
    return base_url + image_path(catalog_number)


def page_url(base_url: str, catalog_number: str) -> str:
    """Give the address of a specimen's page."""
    return f"{base_url}/specimen/{catalog_number}"


def truth_path(drawing: str) -> str:
    """Give the path of the ground truth of a drawing."""
    return f"/truth/{drawing}.json"


def mask_path(drawing: str) -> str:
    """Give the path of the specimen mask of a drawing."""
    return f"/truth/{drawing}.mask.png"
