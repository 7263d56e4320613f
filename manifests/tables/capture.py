"""The capture table: one row for each attempt to fetch something, failures too."""

from manifests.schema import TableSchema
from manifests.tables.common import SALT, SOURCE, own

CAPTURE_1 = TableSchema(
    "capture",
    1,
    (
        SOURCE,
        own("crawl", "IRI of the crawl during which the attempt was made."),
        own("url", "The URL as the source gave it."),
        own("finalUrl", "The URL that answered, after redirects."),
        own("redirects", "The URLs that redirected, in the order in which they were followed.", "json"),
        own("requestedAt", "When the request was sent: RFC 3339, UTC, milliseconds."),
        own("attempt", "Which attempt at this URL in this crawl it was, counted from 1.", "integer"),
        own("status", "The HTTP status; absent when no answer came.", "integer"),
        own("outcome", "What came of it: fetched, unchanged, failed or gone."),
        own("reason", "Code of why the attempt failed."),
        own("message", "Why the attempt failed, in words."),
        own("digest", "The bytes that were received.", "digest"),
        own("size", "How many bytes were received.", "integer"),
        own("mediaType", "The media type that the server declared."),
        own("etag", "The server's ETag, sent back at the next crawl."),
        own("lastModified", "The server's Last-Modified, sent back at the next crawl."),
        own("revisionOf", "The bytes that this URL gave before, when they changed.", "digest"),
        own("lastKnown", "The bytes that are kept and served although this attempt brought none.", "digest"),
        own("role", "What the bytes are for: archive, feed, list, metadata, image or file."),
        SALT,
    ),
)

# What the server reserves travels with the bytes; a public derivative is tied to its withheld original.
_RESERVATIONS = (
    own("tdmReservation", "What the server said of text and data mining (TDMRep): 1 reserved, 0 not."),
    own("tdmPolicy", "URL of the policy under which the reserved rights can be had."),
    own("robotsTag", "The server's X-Robots-Tag fields, joined with commas."),
)
_DERIVATION = (
    own("derivative", "The public derivative of these withheld bytes.", "digest"),
    own("wasDerivedFrom", "Salted commitment to the withheld original of these bytes.", "digest"),
)

CAPTURE = TableSchema("capture", 2, (*CAPTURE_1.columns, *_RESERVATIONS, *_DERIVATION))
