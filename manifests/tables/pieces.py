"""The pieces table: one row for each large blob that a crawl met, with the root over its pieces."""

from manifests.schema import TableSchema
from manifests.tables.common import SALT, own

PIECES = TableSchema(
    "pieces",
    1,
    (
        own("digest", "The blob.", "digest"),
        own("size", "How many bytes it has.", "integer"),
        own("piecesRoot", "Root over its pieces of 1 MiB (RFC 9162), as spec/pieces.md says.", "digest"),
        SALT,
    ),
)
