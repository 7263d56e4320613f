"""What single records show: blanks, controls, flags, and values beyond the last column."""

import re
from json.encoder import encode_basestring
from typing import Final

from crawlers.dwca.plan import RowPlan, Source, beyond, utf16
from crawlers.dwca.records import Record

# The C0 controls: in the canonical form of a row none occurs, so a space stands for each.
CONTROLS: Final = r"[\x00-\x1f]"
BLANKS: Final = " \u00a0"
URL: Final = r"(?i:https?|ftp)://[^ ]+"
_CONTROL: Final = re.compile(CONTROLS)
_SPACES: Final = dict.fromkeys(range(32), " ")


class Flag:
    """Codes of what was noticed or mended in a row that landed."""

    CONTROL_CHARACTER = "controlCharacter"
    ENCODING_GUESSED = "encodingGuessed"
    FIELDS_BEYOND_HEADER = "fieldsBeyondHeader"
    MISSING_FIELDS = "missingFields"
    MISSING_ID = "missingId"
    DUPLICATE_ID = "duplicateId"
    ORPHAN = "orphan"
    ASSOCIATED_MEDIA = "associatedMedia"


def is_blank(record: Record, width: int) -> bool:
    """Whether the record is an empty line: nothing, or nothing but blanks where several fields belong."""
    fields = record.fields
    return not record.trouble and (not fields or (len(fields) == 1 and width > 1 and not fields[0].strip()))


def clean(fields: list[str]) -> tuple[list[str], bool]:
    """Fields with a space for each C0 control, and whether there was one."""
    joined = "".join(fields)
    if joined.isprintable() or not _CONTROL.search(joined):
        return fields, False
    return [field.translate(_SPACES) for field in fields], True


def value(fields: list[str], source: Source) -> str | None:
    """The value of one source: the field, else its default, else None; an empty text is no value."""
    if source.index is not None and source.index < len(fields) and fields[source.index]:
        return fields[source.index]
    return source.default


def verbatim(fields: list[str], plan: RowPlan) -> str | None:
    """The verbatim object as RFC 8785 text; None where it would be empty."""
    items = [(key, text) for key, source in plan.verbatim if (text := value(fields, source))]
    extra = [(beyond(i), fields[i]) for i in range(plan.width, len(fields)) if fields[i]]
    if extra:
        items = sorted(items + extra, key=lambda item: utf16(item[0]))
    if not items:
        return None
    return "{" + ",".join(f"{encode_basestring(key)}:{encode_basestring(text)}" for key, text in items) + "}"


def flags(record: Record, fields: list[str], plan: RowPlan, *, controls: bool) -> list[str]:
    """Codes of the record, sorted; those that need the whole file (duplicates, orphans) come later."""
    found = []
    if controls:
        found.append(Flag.CONTROL_CHARACTER)
    if record.guessed:
        found.append(Flag.ENCODING_GUESSED)
    if len(fields) > plan.width and any(fields[plan.width :]):
        found.append(Flag.FIELDS_BEYOND_HEADER)
    if len(fields) < plan.width:
        found.append(Flag.MISSING_FIELDS)
    if row_id(fields, plan) is None:
        found.append(Flag.MISSING_ID)
    return found


def row_id(fields: list[str], plan: RowPlan) -> str | None:
    """The record's id, or the id of the core record that it extends."""
    return value(fields, Source(plan.id_index)) if plan.id_index is not None else None


def flag_text(codes: list[str]) -> str | None:
    """Flags as RFC 8785 text; None for none."""
    return "[" + ",".join(f'"{code}"' for code in codes) + "]" if codes else None


def span(first: int, last: int) -> str:
    """Physical lines in a source row's address: `L42`, or `L42-L43`."""
    return f"L{first}" if first == last else f"L{first}-L{last}"
