"""The analysis and finding tables: a row for each image that was read, and for each thing said of it."""

from manifests.schema import TableSchema
from manifests.tables.common import SALT, own

_KEY = own("key", "Digest of analyzer, parameters and input (spec/analyzers.md).", "digest")
_INPUT = (
    own("digest", "The image.", "digest"),
    own("analyzer", "The analyzer's identity.", "digest"),
)

ANALYSIS = TableSchema(
    "analysis",
    1,
    (
        _KEY,
        *_INPUT,
        own("parameters", "The parameters, defaults included.", "digest"),
        own("inputRegion", "The region that was read; absent for the whole image."),
        own("output", "Digest of all that was found, which a later run must come to again.", "digest"),
        own("findings", "How many findings there are.", "integer"),
        own("fault", "Code of why the image could not be decoded; there are no findings then."),
        SALT,
    ),
)

FINDING = TableSchema(
    "finding",
    1,
    (
        _KEY,
        own("place", "The finding's place among those of its key, from 1.", "integer"),
        *_INPUT,
        own("kind", "What is said; the analyzer declares what that means."),
        own("region", "Where in the upright image, in pixels; absent for the whole."),
        own("text", "What was read."),
        own("language", "The text's language, as a BCP 47 tag."),
        own("term", "IRI of a concept."),
        own("value", "A quantity, as a plain decimal."),
        own("unit", "The value's unit, by UCUM's code."),
        own("uncertainty", "Standard uncertainty of the value, in its unit."),
        own("confidence", "How sure the analyzer is: 0 to 1, as a plain decimal."),
        own("vector", "An embedding: float32, little endian, in base64."),
        own("derivative", "A blob that was made out of the image or region.", "digest"),
        own("mediaType", "The derivative's media type."),
        SALT,
    ),
)
