"""What is said of pictures that were made out of withdrawn ones, such as the text of a crop, goes with them.

A picture is gone once every finding that a log has of its making is withdrawn there and the log shows nothing
else under that name. Each log is judged by its own rows: what another log says was made of what takes nothing
back here.
"""

from __future__ import annotations

from typing import Final

import duckdb

from hashstore.digest import Digest
from node.index import Index

_DEEPEST: Final = 50  # steps of a pipeline (analyzers/pipeline/pipeline.schema.json)
_MARK: Final = """
UPDATE {table} SET access = 'withdrawn' FROM (
    SELECT f.log, f.derivative AS digest FROM finding f WHERE f.derivative IS NOT NULL
    GROUP BY f.log, f.derivative HAVING bool_and(f.access = 'withdrawn')
) AS made
WHERE {table}.log = made.log AND {table}.digest = made.digest AND {table}.access = 'public'
AND NOT EXISTS (
    SELECT 1 FROM capture c WHERE c.log = made.log AND c.digest = made.digest AND c.access = 'public'
)
"""
# Made out of it, and out of nothing else that stays.
_MADE_OF: Final = """
SELECT DISTINCT f.derivative FROM own_finding f
WHERE f.digest = $digest AND f.derivative IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM own_capture c WHERE c.digest = f.derivative AND c.access = 'public')
AND NOT EXISTS (
    SELECT 1 FROM own_finding o WHERE o.derivative = f.derivative AND o.access = 'public'
    AND NOT list_contains($gone, o.digest)
)
"""


def take_back_made(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark what analyses say of pictures whose making is withdrawn, and of what was made of those in turn."""
    for _ in range(_DEEPEST):
        if not sum(_changed(connection, _MARK.format(table=table)) for table in ("analysis", "finding")):
            return


def _changed(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def gone_with(index: Index, digest: Digest) -> tuple[Digest, ...]:
    """The pictures that this node made out of some bytes, at any remove, and that go with them."""
    gone, waiting = [digest.raw], [digest.raw]
    while waiting:
        rows = index.rows(_MADE_OF, {"digest": waiting.pop(), "gone": gone})
        new = [row["derivative"] for row in rows if row["derivative"] not in gone]
        waiting += new
        gone += new
    return tuple(Digest(raw) for raw in gone[1:])
