"""Which addresses of images a staged archive names: each once, in the order of their first rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import duckdb

from crawlers.dwca.database import quoted, scratch_database
from crawlers.dwca.limits import MIB, Limits
from crawlers.dwca.rows import URL

_BATCH = 10_000

# What a row says of its kind: the type first, else the format; 'image' also where it says nothing, since the
# bytes will tell. DCMI types come short, as IRIs, and in the wild as everyday words.
_KIND = """
CASE
  WHEN said IN ('image', 'stillimage', 'still image', 'photo', 'photograph', 'drawing') THEN 'image'
  WHEN said <> '' THEN said
  WHEN lower(format) SIMILAR TO '(audio|video|text|application)/.*' THEN lower(format)
  ELSE 'image'
END
"""
_SAID = """lower(regexp_replace(coalesce(trim("type"), ''), '^.*[/#:]', ''))"""


@dataclass(frozen=True, slots=True)
class MediaUrl:
    """An address to fetch, how many media rows name it, and what the first of them says of the file.

    `hash_function` and `hash_value` are the publisher's own claim about the bytes, as published.
    """

    url: str
    rows: int
    format: str | None
    hash_function: str | None
    hash_value: str | None


class MediaUrls:
    """The addresses of a staging folder; iterate over it as often as you like.

    Rows of sounds, films and texts are passed over: `skipped` counts them by what they say they are.
    `no_address` counts image rows that give no address that could be fetched.
    """

    def __init__(self, staging: Path, limits: Limits | None = None) -> None:
        self._media = staging / "media.parquet"
        self._limits = limits or Limits(memory=256 * MIB)

    def __iter__(self) -> Iterator[MediaUrl]:
        with self._database() as database:
            rows = database.execute(self._distinct())
            while batch := rows.fetchmany(_BATCH):
                for url, times, format_, function, value in batch:
                    yield MediaUrl(url, times, format_, function, value)

    @property
    def skipped(self) -> Mapping[str, int]:
        """Media rows that are no images, by what they say they are."""
        found = self._query(f"SELECT kind, count(*) FROM {self._rows()} WHERE kind <> 'image' GROUP BY ALL")
        return MappingProxyType(dict(sorted(found)))

    @property
    def no_address(self) -> int:
        """Image rows without an address to fetch."""
        found = self._query(f"SELECT count(*) FROM {self._rows()} WHERE kind = 'image' AND url IS NULL")
        return int(str(found[0][0]))

    def _query(self, sql: str) -> list[tuple[str, int]]:
        with self._database() as database:
            return list(database.execute(sql).fetchall())

    @contextmanager
    def _database(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with (
            TemporaryDirectory(prefix="media-urls-") as scratch,
            scratch_database(Path(scratch), self._limits) as database,
        ):
            yield database

    def _rows(self) -> str:
        address = f"'^(?:{URL})$'"
        return f"""(
            SELECT {_KIND} AS kind, number, format, hashFunction, hashValue,
              CASE WHEN regexp_matches(accessURI, {address}) THEN accessURI
                   WHEN regexp_matches(identifier, {address}) THEN identifier END AS url
            FROM (SELECT *, {_SAID} AS said, file_row_number AS number
                  FROM read_parquet({quoted(str(self._media))}, file_row_number = true)))"""

    def _distinct(self) -> str:
        return f"""
            SELECT url, count(*), arg_min(format, number), arg_min(hashFunction, number),
                   arg_min(hashValue, number)
            FROM {self._rows()} WHERE kind = 'image' AND url IS NOT NULL GROUP BY url ORDER BY min(number)"""


def media_urls(staging: Path, limits: Limits | None = None) -> MediaUrls:
    """The distinct addresses of images in `staging`, the folder that `convert_archive` filled.

    An address is a row's accessURI, or its identifier where that is an address and accessURI is none. Memory
    is bounded by `limits.memory`, beyond which the sorting spills to disk.
    """
    return MediaUrls(staging, limits)


__all__ = ["MediaUrl", "MediaUrls", "media_urls"]
