"""What is said of a segment wherever it is named: in statements, log leaves and indexes."""

from dataclasses import dataclass

from hashstore.digest import Digest
from manifests.access import AccessClass

MAX_ROWS = 500_000
FORMAT_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment's description.

    Attributes:
        digest: Of the Parquet file.
        table: The table's name.
        schema: Digest of the table's schema.
        rows: How many rows it has, 1 to 500,000.
        rows_root: RFC 6962 Merkle root over its canonical rows, in order.
        access: The access class of all its rows.
    """

    digest: Digest
    table: str
    schema: Digest
    rows: int
    rows_root: Digest
    access: AccessClass
