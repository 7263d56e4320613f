"""Batches of fields into batches of table rows, by plan, a column at a time; for both readers."""

from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crawlers.dwca.job import Job
from crawlers.dwca.plan import RowPlan, Source
from crawlers.dwca.rows import BLANKS, CONTROLS, URL, Flag, flag_text
from manifests.tables import MEDIA

Ints: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

_QUOTE, _BACKSLASH, _NEWLINE, _FIRST_PRINTABLE = 0x22, 0x5C, 0x0A, 0x20


@dataclass(frozen=True, slots=True)
class Batch:
    """Cleaned fields of some records: columns of strings, empty ones NULL.

    `first` and `height` give each record's first physical line and how many lines it takes; `controls`
    marks records in which controls became spaces, or is None where there was none.
    """

    columns: tuple[pa.StringArray, ...]
    first: Ints
    height: Ints
    controls: pa.BooleanArray | None

    @classmethod
    def of(cls, batch: pa.RecordBatch, first_line: int) -> "Batch":
        """Take a batch as Arrow cut it, its first record on physical line `first_line`."""
        height = np.ones(batch.num_rows, np.int64)
        controls: pa.BooleanArray | None = None
        columns = []
        for column in batch.columns:
            octets = _octets(column)
            if (octets < _FIRST_PRINTABLE).any():
                if (octets == _NEWLINE).any():
                    height += pc.fill_null(pc.count_substring(column, "\n"), 0).to_numpy()
                found = pc.fill_null(pc.match_substring_regex(column, CONTROLS), False)
                controls = found if controls is None else pc.or_(controls, found)
                column = pc.replace_substring_regex(column, CONTROLS, " ")
            columns.append(column)
        first = first_line + np.concatenate(([0], np.cumsum(height)[:-1])).astype(np.int64)
        return cls(tuple(columns), first, height, controls)

    @property
    def next_line(self) -> int:
        """The physical line behind the last record."""
        return int(self.first[-1] + self.height[-1])

    @property
    def last_height(self) -> int:
        """How many lines the last record takes."""
        return int(self.height[-1])

    def value(self, source: Source) -> pa.StringArray:
        """Values of one source: the field, else its default, else NULL."""
        if source.index is None:
            return pa.repeat(pa.scalar(source.default, pa.string()), len(self.first))
        column = self.columns[source.index]
        return column if source.default is None else pc.fill_null(column, source.default)


def _octets(column: pa.StringArray) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    return np.frombuffer(column.buffers()[2] or b"", np.uint8)


def table_batch(batch: Batch, job: Job) -> pa.RecordBatch:
    """The rows of a batch, with exactly the columns of the plan's table."""
    plan, size = job.plan, len(batch.first)
    made = {name: batch.value(source) for name, source in plan.columns}
    ids = batch.value(Source(plan.id_index)) if plan.id_index is not None else pa.nulls(size, pa.string())
    made |= {
        "source": pa.repeat(pa.scalar(job.source), size),
        "sourceRow": _source_rows(batch, job.address),
        "file": pa.repeat(pa.scalar(plan.file), size),
        "id": ids,
        "change": pa.repeat(pa.scalar("added"), size),
        "flags": _flags(batch, ids),
        "verbatim": _verbatim(batch, plan),
        "rowType": pa.repeat(pa.scalar(plan.row_type), size),
    }
    return _record_batch(made, plan.table.arrow, size)


def _record_batch(made: dict[str, pa.Array], schema: pa.Schema, size: int) -> pa.RecordBatch:
    arrays = [made.get(field.name) for field in schema]
    filled = [pa.nulls(size, field.type) if a is None else a for a, field in zip(arrays, schema, strict=True)]
    return pa.RecordBatch.from_arrays(filled, schema=schema)


def _join(*parts: pa.Array | str) -> pa.StringArray:
    return pc.binary_join_element_wise(*parts, "")


def _source_rows(batch: Batch, address: str) -> pa.StringArray:
    begin = _join(address + "L", pa.array(batch.first).cast(pa.string()))
    if batch.height.max() == 1:
        return begin
    end = _join(begin, "-L", pa.array(batch.first + batch.height - 1).cast(pa.string()))
    return pc.if_else(pa.array(batch.height > 1), end, begin)


def _flags(batch: Batch, ids: pa.StringArray) -> pa.StringArray:
    size = len(batch.first)
    if batch.controls is None and not ids.null_count:
        return pa.nulls(size, pa.string())
    controls = pa.repeat(pa.scalar(False), size) if batch.controls is None else batch.controls
    missing = pc.is_null(ids)
    both = flag_text([Flag.CONTROL_CHARACTER, Flag.MISSING_ID])
    control = flag_text([Flag.CONTROL_CHARACTER])
    return pc.if_else(
        controls,
        pc.if_else(missing, both, control),
        pc.if_else(missing, flag_text([Flag.MISSING_ID]), pa.scalar(None, pa.string())),
    )


def _verbatim(batch: Batch, plan: RowPlan) -> pa.StringArray:
    """Objects of the values without a column: RFC 8785 text, NULL where there is none."""
    members = [_member(key, batch.value(source)) for key, source in plan.verbatim]
    members = [member for member in members if member]
    if not members:
        return pa.nulls(len(batch.first), pa.string())
    # Each member brings a comma before it; the first of these makes way for the brace. Arrow's "skip" of
    # NULLs would drop the rows in which every member is NULL.
    pieces = [piece for member in members for piece in member]
    joined = pc.binary_join_element_wise(*pieces, "}", "", null_handling="replace", null_replacement="")
    objects = pc.binary_replace_slice(joined, 0, 1, "{")
    return pc.if_else(pc.equal(joined, "}"), pa.scalar(None, pa.string()), objects)


def _member(key: str, values: pa.StringArray) -> list[pa.Array | str]:
    """Pieces of `,"key":"value"` to join, NULL as a whole where the value is; [] where all are."""
    if values.null_count == len(values):
        return []
    octets = _octets(values)
    # Controls are gone by now, so a quote and a backslash are all that JSON would escape.
    if (octets == _BACKSLASH).any():
        values = pc.replace_substring(values, "\\", "\\\\")
    if (octets == _QUOTE).any():
        values = pc.replace_substring(values, '"', '\\"')
    pieces = [f',{encode_basestring(key)}:"', values, '"']
    return [_join(*pieces)] if values.null_count else pieces


def media_batch(specimens: pa.RecordBatch) -> pa.RecordBatch:
    """A media row for each value of the specimens' associatedMedia, which a bar separates."""
    listed = specimens.filter(pc.is_valid(specimens.column("associatedMedia")))
    split = pc.split_pattern(listed.column("associatedMedia"), "|")
    texts = pc.utf8_trim(pc.list_flatten(split), BLANKS)
    kept = pc.not_equal(texts, "")
    texts, parents = texts.filter(kept), pc.list_parent_indices(split).filter(kept)
    made = {
        name: listed.column(name).take(parents) for name in ("source", "sourceRow", "file", "id", "change")
    }
    made["identifier"] = texts
    made["accessURI"] = pc.if_else(
        pc.match_substring_regex(texts, f"^(?:{URL})$"), texts, pa.scalar(None, pa.string())
    )
    made["flags"] = pa.repeat(pa.scalar(flag_text([Flag.ASSOCIATED_MEDIA])), len(texts))
    return _record_batch(made, MEDIA.arrow, len(texts))
