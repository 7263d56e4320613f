"""The tables that we know, and their schemas by name and by digest."""

from collections.abc import Mapping
from types import MappingProxyType

from hashstore.digest import Digest
from manifests.errors import UnknownSchema
from manifests.schema import TableSchema
from manifests.tables.analysis import ANALYSIS, FINDING
from manifests.tables.annotation import ANNOTATION
from manifests.tables.capture import CAPTURE, CAPTURE_1
from manifests.tables.media import MEDIA, MEDIA_1, MEDIA_2
from manifests.tables.picture import PICTURE
from manifests.tables.pieces import PIECES
from manifests.tables.quarantine import QUARANTINE
from manifests.tables.record import RECORD
from manifests.tables.review import REVIEW
from manifests.tables.specimen import SPECIMEN, SPECIMEN_1, SPECIMEN_2

__all__ = [
    "ALL_SCHEMAS",
    "ANALYSIS",
    "ANNOTATION",
    "CAPTURE",
    "FINDING",
    "MEDIA",
    "PICTURE",
    "PIECES",
    "QUARANTINE",
    "RECORD",
    "REVIEW",
    "SPECIMEN",
    "SUPERSEDED",
    "TABLES",
    "schema_by_digest",
]

_CURRENT = (
    CAPTURE, SPECIMEN, MEDIA, RECORD, QUARANTINE, PIECES, PICTURE, ANALYSIS, FINDING, ANNOTATION, REVIEW,
)  # fmt: skip
TABLES: Mapping[str, TableSchema] = MappingProxyType({schema.name: schema for schema in _CURRENT})
# A superseded version joins _BY_DIGEST and stays: segments written by it are valid for ever.
SUPERSEDED = (CAPTURE_1, SPECIMEN_1, SPECIMEN_2, MEDIA_1, MEDIA_2)
ALL_SCHEMAS = (*TABLES.values(), *SUPERSEDED)
_BY_DIGEST = {schema.digest: schema for schema in ALL_SCHEMAS}


def schema_by_digest(digest: Digest) -> TableSchema:
    """The schema of that name, current or superseded.

    Raises:
        UnknownSchema: No such schema is built in; a newer version of this program may know it.
    """
    try:
        return _BY_DIGEST[digest]
    except KeyError:
        raise UnknownSchema(
            f"no table schema {digest.uri} is known here; a newer version of vasculum may know it"
        ) from None
