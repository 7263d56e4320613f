"""The record table: rows of an archive that are neither specimens nor media, kept whole."""

from manifests.schema import TableSchema
from manifests.tables.common import ACCOUNT, ORIGIN, own

RECORD = TableSchema(
    "record",
    1,
    (*ORIGIN, own("rowType", "IRI of the kind of row, as the archive's descriptor declares it."), *ACCOUNT),
)
