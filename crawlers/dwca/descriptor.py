"""What an archive says about its data files: the values that meta.xml, or a header line, is read into."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One mapped term. `index` counts columns from 0; a field without one takes its default in every row."""

    index: int | None
    term: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a data file is cut into records and fields; a None is what the descriptor left unsaid."""

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    terminator: str | None = None
    header_lines: int = 0


@dataclass(frozen=True, slots=True)
class DataFile:
    """One <core> or <extension>: its files, its dialect, its kind of row and its fields."""

    locations: tuple[str, ...]
    row_type: str
    core: bool
    dialect: Dialect
    id_index: int | None
    fields: tuple[Field, ...]

    @property
    def declared_width(self) -> int:
        """How many columns the descriptor speaks of."""
        indexes = [f.index for f in self.fields if f.index is not None]
        if self.id_index is not None:
            indexes.append(self.id_index)
        return max(indexes, default=-1) + 1


@dataclass(frozen=True, slots=True)
class Descriptor:
    """The whole archive: its core first, then its extensions in the order of meta.xml."""

    files: tuple[DataFile, ...]
    metadata: str | None
    warnings: tuple[str, ...] = ()

    @property
    def core(self) -> DataFile:
        """The core data file."""
        return self.files[0]
