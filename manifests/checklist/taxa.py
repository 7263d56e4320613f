"""The file of a checklist: one line for each name, read into columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from manifests.errors import DamagedChecklist

MOST_BYTES: Final = 1 << 30
MOST_TAXA: Final = 10_000_000
_COLUMNS: Final = ("id", "name", "bare", "accepted", "parent")
HEADER: Final = "\t".join(_COLUMNS).encode() + b"\n"

Places = np.ndarray[Any, np.dtype[np.int64]]


class Taxon(NamedTuple):
    """One name of a checklist.

    Attributes:
        id: What others of the list know it by.
        name: The scientific name, as published.
        bare: The name without its authors; empty if unknown.
        accepted: The id of the taxon that it is a synonym of; empty for none.
        parent: The id of the taxon above it; empty for none.
    """

    id: str
    name: str
    bare: str = ""
    accepted: str = ""
    parent: str = ""


def checklist_bytes(taxa: Iterable[Taxon]) -> bytes:
    """The file of a checklist: the same bytes for the same names, in whatever order they come."""
    lines = sorted("\t".join(taxon).encode() for taxon in taxa)
    return HEADER + b"".join(line + b"\n" for line in lines)


@dataclass(frozen=True, slots=True, eq=False)
class Checklist:
    """A checklist, ready to be asked. Taxa are known by their places, from 0.

    Attributes:
        names: The names as they are compared (`manifests.filter.comparing.folded`).
        bare: The names without authors, likewise.
        told: The names as published.
        accepted: For each name the place of its accepted taxon; its own, if it is that.
        above: For each name the place of what it lies below; its own, where that is nothing.
    """

    names: pa.Array
    bare: pa.Array
    told: pa.Array
    accepted: Places
    above: Places

    @classmethod
    def parse(cls, data: bytes) -> Checklist:
        """Read the file of a checklist.

        Raises:
            DamagedChecklist: it is none, or too large.
        """
        table = _table(data)
        ids = table["id"]
        if len(pc.unique(ids)) != len(ids):
            raise DamagedChecklist("it tells of one id twice")
        own = np.arange(len(ids), dtype=np.int64)
        accepted = _settled(_places(table["accepted"], ids, own))
        parent = accepted[_places(table["parent"], ids, own)]
        above = np.where(accepted == own, parent, accepted)
        return cls(_folded(table["name"]), _folded(table["bare"]), table["name"], accepted, above)


def _table(data: bytes) -> dict[str, pa.Array]:
    if not data.startswith(HEADER):
        raise DamagedChecklist("it does not begin with the header of a checklist")
    if len(data) > MOST_BYTES:
        raise DamagedChecklist(f"it has more than {MOST_BYTES} bytes")
    if b"\r" in data or not data.endswith(b"\n"):
        raise DamagedChecklist("its lines do not end with a line feed")
    if len(data) == len(HEADER):
        raise DamagedChecklist("it has no name")
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(data),
            parse_options=pa_csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(_COLUMNS, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise DamagedChecklist(f"a line of it has not five columns of text: {error}") from error
    if len(table) > MOST_TAXA:
        raise DamagedChecklist(f"it has more than {MOST_TAXA} names")
    columns = {name: table[name].combine_chunks() for name in _COLUMNS}
    if any(pc.any(pc.equal(columns[name], "")).as_py() for name in ("id", "name")):
        raise DamagedChecklist("a line of it has no id or no name")
    return columns


def _places(wanted: pa.Array, ids: pa.Array, own: Places) -> Places:
    """The places of ids; of what is not in the list, the name's own: it then has nothing above it."""
    found = pc.fill_null(pc.index_in(wanted, value_set=ids), -1).to_numpy(zero_copy_only=False)
    return np.where(found < 0, own, found.astype(np.int64))


def _settled(accepted: Places) -> Places:
    """To where synonyms of synonyms lead in the end. Names that only lead round in a circle stand alone."""
    own = np.arange(len(accepted), dtype=np.int64)
    found = accepted
    for _ in range(len(accepted).bit_length()):
        found = found[found]
    return np.where(accepted[found] == found, found, own)


def _folded(texts: pa.Array) -> pa.Array:
    """As `manifests.filter.comparing.folded` has it; empty where nothing is left."""
    return pc.ascii_lower(pc.ascii_trim(texts, " "))
