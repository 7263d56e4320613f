"""The stable HTTP URI of a specimen, as CETAF's institutions give them, if its record tells one."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.quality.issues import BIT, Issue
from manifests.quality.step import Columns, Filled

# Of RE2. A host with a dot, and something behind it.
_MAY_BE: Final = r"(?i)^(?:https?:|doi:|10\.)"
_HTTP: Final = r"(?i)^https?://[^/\s?#]+\.[^/\s?#]+/\S*[^\s/]\S*$"
_DOI: Final = r"(?i)^(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)$"


class SpecimenUri:
    """The step that finds the URI: `occurrenceID`, or for lack of one the record's id; a DOI as its address.

    The page that shows a record (`references`) is no identifier of the specimen and is not looked at.
    """

    def fill(self, columns: Columns) -> Filled:
        """Read a batch, every column as a whole: identifiers do not repeat."""
        found = pc.coalesce(*(_uri_in(columns[name]) for name in ("occurrenceID", "id")))
        missing = pc.is_null(found).to_numpy(zero_copy_only=False)
        bits = np.where(missing, np.uint64(BIT[Issue.SPECIMEN_URI_MISSING]), np.uint64(0))
        return Filled({"specimenURI": found}, bits)


def _uri_in(column: pa.Array) -> pa.Array:
    none = pa.scalar(None, pa.string())
    if column.null_count == len(column):
        return column
    text = pc.utf8_trim_whitespace(column)
    if not pc.any(pc.match_substring_regex(text, _MAY_BE)).as_py():
        return pa.nulls(len(column), pa.string())
    web = pc.if_else(pc.match_substring_regex(text, _HTTP), text, none)
    address = pc.replace_substring_regex(text, _DOI, r"https://doi.org/\1")
    return pc.if_else(pc.match_substring_regex(text, _DOI), address, web)
