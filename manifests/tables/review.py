"""The review table: what a person decided about a finding or an annotation (spec/annotations.md)."""

from manifests.schema import TableSchema
from manifests.tables.common import SALT, own

REVIEW = TableSchema(
    "review",
    1,
    (
        own("subject", "Name of the finding or annotation that was decided about."),
        own("digest", "The image that it is about.", "digest"),
        own("decision", "What was decided: accepted, rejected or amended."),
        own("agent", "IRI of the person who decided, or of the account."),
        own("reviewed", "When it was decided, in UTC."),
        own("note", "Why, in words."),
        own(
            "replacement",
            "The annotation that says it better; there if and only if it was amended.",
            "digest",
        ),
        SALT,
    ),
)
