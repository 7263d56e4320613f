"""Effects of withdrawals on the index: rows and segments that were public are marked as withdrawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError
from manifests.row_uri import RowUri
from manifests.tables import TABLES
from node.config import Config
from node.errors import IndexUnusable
from node.index import OWN_LOG, Index
from node.index.ddl import quoted
from node.withdrawal.made import take_back_made
from node.withdrawal.notices import effects_in
from provenance.statement.kinds.withdrawal import Choice, Withdrawal
from provenance.withdrawal import Effect, superseded

_META = "withdrawals"
_REACHED_ROWS = """
(SELECT leaf.log AS reached, leaf.log_index AS place, w.row AS number, w.deletes FROM withdrawn w
 JOIN leaf ON leaf.segment = w.digest AND (w.log IS NULL OR leaf.log = w.log)
 WHERE leaf.table_name = '{table}') AS found
"""
# Where an authority takes back rows, nothing stands in for their segment until its publisher does likewise.
_MARK_LEAVES = """
UPDATE leaf SET access = 'withdrawn' FROM withdrawn w
WHERE w.log IS NULL AND leaf.segment = w.digest AND leaf.access = 'public'
"""
_IS_ROW = (
    "{table}.log = found.reached AND {table}.log_index = found.place "
    "AND (found.number IS NULL OR {table}.row = found.number)"
)
_OF_BYTES = "w.row IS NULL AND ({names}) AND (w.log IS NULL OR {table}.log = w.log)"
_NAMES_BYTES = {
    "capture": "capture.digest = w.digest OR capture.lastKnown = w.digest",
    "picture": "picture.digest = w.digest",
    "analysis": "analysis.digest = w.digest",
    "finding": "finding.digest = w.digest OR finding.derivative = w.digest",
    "annotation": "annotation.digest = w.digest",
    "review": "review.digest = w.digest",
}
# Of a crop that no notice names, nothing but the row of its making tells why it is not shown.
_KEPT = " AND (derivative IS NULL OR derivative IN (SELECT digest FROM withdrawn WHERE row IS NULL))"


class _Target(NamedTuple):
    """What an effect reaches: bytes, or one row of a segment; in one log, or in all where `log` is None."""

    log: int | None
    digest: bytes
    row: int | None
    deletes: bool


def apply_withdrawals(index: Index, config: Config) -> bool:
    """Bring the marks of the index in line with notices, authorities and decisions; whether any changed.

    The marks depend on these alone, so that an index made anew has the same.

    Raises:
        IndexUnusable: DuckDB refuses.
    """
    found = effects_in(index, config)
    mark = _fingerprint(index, found) if found else 0
    if index.meta(_META) == mark:
        return False
    connection = index.connection
    connection.execute("BEGIN")
    try:
        _reset(connection)
        _mark(index, connection, config, found)
        index.set_meta(_META, mark)
        connection.execute("COMMIT")
    except duckdb.Error as error:
        connection.execute("ROLLBACK")
        raise IndexUnusable(f"The index {index.path} did not take a withdrawal: {error}") from error
    return True


def _fingerprint(index: Index, found: Sequence[Effect]) -> int:
    """A number that changes with the effects, and with the logs whose rows they may reach."""
    said = [[effect.notice.withdrawal.id, effect.reach, effect.choice.value] for effect in found]
    sizes = [[row["number"], row["size"]] for row in index.rows("SELECT number, size FROM log ORDER BY 1")]
    return int.from_bytes(Digest.of(canonical_json([said, sizes])).raw[:7], "big")


def _reset(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ("leaf", *TABLES):
        connection.execute(f"UPDATE {quoted(table)} SET access = 'public' WHERE access = 'withdrawn'")
    connection.execute("DELETE FROM withdrawn")


def _mark(
    index: Index, connection: duckdb.DuckDBPyConnection, config: Config, found: Sequence[Effect]
) -> None:
    numbers = {origin: number for number, origin in index.origins().items() if origin is not None}
    numbers[config.identity.origin] = OWN_LOG
    targets = [target for effect in found for target in _targets(effect, numbers)]
    if targets:
        connection.executemany("INSERT INTO withdrawn VALUES (?, ?, ?, ?)", [list(one) for one in targets])
    _take_back(connection)
    connection.execute(_MARK_LEAVES)
    by_log: dict[int, list[Withdrawal]] = defaultdict(list)
    for effect in found:
        by_log[numbers[effect.notice.log]].append(effect.notice.withdrawal)
    for log, withdrawals in by_log.items():
        _mark_leaves(connection, log, withdrawals)


def _take_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark the public rows that are reached; those that the operator decided to delete go from here, too."""
    reached = [(table, _REACHED_ROWS.format(table=table), _IS_ROW.format(table=table)) for table in TABLES]
    reached += [
        (table, "withdrawn AS w", _OF_BYTES.format(table=table, names=names))
        for table, names in _NAMES_BYTES.items()
    ]
    for table, found, where in reached:
        connection.execute(
            f"UPDATE {table} SET access = 'withdrawn' FROM {found} WHERE {where} AND access = 'public'"
        )
    take_back_made(connection)
    for table, found, where in reached:
        kept = _KEPT if table == "finding" else ""
        connection.execute(
            f"DELETE FROM {table} USING {found} WHERE {where} AND deletes AND access = 'withdrawn'{kept}"
        )


def _targets(effect: Effect, numbers: dict[str, int]) -> Iterator[_Target]:
    log = None if effect.reach is None else numbers[effect.reach]
    deletes = effect.choice is Choice.DELETE
    for text in effect.notice.withdrawal.targets:
        try:
            if "#" in text:
                uri = RowUri.parse(text)
                yield _Target(log, uri.segment.raw, uri.row, deletes)
            else:
                yield _Target(log, Digest.parse(text).raw, None, deletes)
        except (HashstoreError, ManifestError):
            continue  # what it names is nothing that this version knows


def _mark_leaves(connection: duckdb.DuckDBPyConnection, log: int, withdrawals: list[Withdrawal]) -> None:
    """A log says itself which of its segments it no longer serves; nobody else can."""
    gone = [digest.raw for digest in superseded(withdrawals)]
    whole = [Digest.parse(text).raw for w in withdrawals for text in w.targets if "#" not in text]
    connection.execute(
        "UPDATE leaf SET access = 'withdrawn' WHERE log = ? AND access = 'public' "
        "AND segment IN (SELECT unnest(?::BLOB[]))",
        [log, gone + whole],
    )
