"""The annotation table: what a person says of an image or a region of it (spec/annotations.md)."""

from manifests.schema import TableSchema
from manifests.tables.common import SALT, own

ANNOTATION = TableSchema(
    "annotation",
    1,
    (
        own("annotation", "SHA-256 of the annotation's content, which names it.", "digest"),
        own("digest", "The image.", "digest"),
        own("agent", "IRI of the person who says it, or of the account."),
        own("created", "When it was said, in UTC."),
        own("motivation", "What for: a motivation of W3C Web Annotation, such as identifying."),
        own("kind", "What is said, by a name such as label or taxon."),
        own("region", "Where in the upright image, in pixels; absent for the whole."),
        own("text", "What was read, or a comment."),
        own("language", "The text's language, as a BCP 47 tag."),
        own("term", "IRI of a concept."),
        own("value", "A quantity, as a plain decimal."),
        own("unit", "The value's unit, by UCUM's code."),
        own("uncertainty", "Standard uncertainty of the value, in its unit."),
        own("confidence", "How sure the person is: 0 to 1, as a plain decimal."),
        SALT,
    ),
)
