"""The quarantine table: lines that could not be read as rows, and why."""

from manifests.schema import TableSchema
from manifests.tables.common import FILE, SALT, SOURCE, SOURCE_ROW, own

QUARANTINE = TableSchema(
    "quarantine",
    1,
    (
        SOURCE,
        SOURCE_ROW,
        FILE,
        own("line", "The physical line at which the trouble begins, counted from 1.", "integer"),
        own("code", "Code of what was wrong."),
        own("message", "What was wrong, in words that a curator understands."),
        SALT,
    ),
)
