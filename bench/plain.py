"""What a hand would make of the same records: one table in DuckDB, and SQL for each page."""

from __future__ import annotations

from pathlib import Path

import duckdb

_FACETS = ("family", "countryCode", "decade", "institutionCode", "licenseSPDX")
_MAKE = """
CREATE TABLE plain AS SELECT s.* EXCLUDE (log, log_index, row, access, current), m.licenseSPDX,
    CASE WHEN s.eventDate IS NOT NULL THEN s.eventDate[1:3] || '0s' END AS decade,
    s.decimalLatitude::DOUBLE AS lat, s.decimalLongitude::DOUBLE AS lon
FROM source.specimen s LEFT JOIN source.media m USING (log, source, id)
"""


class PlainTable:
    """The table, warm and open."""

    def __init__(self, index: Path, folder: Path) -> None:
        """Copies the records.

        Args:
            index: Where they are.
            folder: Where the table goes.
        """
        folder.mkdir(parents=True)
        self._connection = duckdb.connect(str(folder / "plain.duckdb"), config={"memory_limit": "3GB"})
        self._connection.execute(f"ATTACH '{index}' AS source (READ_ONLY)")
        self._connection.execute(_MAKE)
        self._connection.execute("DETACH source")
        self._connection.execute("CHECKPOINT")

    def count(self, condition: str) -> int:
        """How many records fit."""
        row = self._connection.execute(f"SELECT count(*) FROM plain WHERE {condition}").fetchone()
        assert row is not None
        return int(row[0])

    def page(self, condition: str | None) -> int:
        """A page of 50 and five facets; returns how many records fit."""
        where = "" if condition is None else f"WHERE {condition}"
        self._connection.execute(
            f"SELECT * FROM plain {where} ORDER BY scientificName, catalogNumber LIMIT 50"
        ).fetchall()
        for facet in _FACETS:
            self._connection.execute(
                f"SELECT {facet}, count(*) AS n FROM plain {where} GROUP BY {facet} ORDER BY n DESC LIMIT 11"
            ).fetchall()
        return self.count(condition or "true")

    def close(self) -> None:
        """Let it go."""
        self._connection.close()
