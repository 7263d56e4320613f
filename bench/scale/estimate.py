"""From figures of one machine to a federation. Every assumption is a field of `Federation`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.scale.measured import Measured

DAY, HOUR = 86_400.0, 3_600.0
MONTH = 30 * DAY
PIECE = 1 << 20  # bytes
SEGMENT_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Federation:
    """What is assumed.

    Attributes:
        nodes: How many institutions run one.
        rows: Of each: a third specimens, a third media, a third captures.
        data: Bytes of images of each.
        changed: Share of the rows that is new or changed in a month.
        crawls: Crawls of each in a month.
        copies: How many nodes hold each image, its own included.
        poll: Seconds between two looks at a followed log.
        link: Bytes a second of a node's line.
        draws: Pieces of an audit.
        lost: Share of the data that a claimant lacks and that an audit shall find.
    """

    nodes: int = 1_000
    rows: int = 50_000_000
    data: float = 100e12
    changed: float = 0.01
    crawls: int = 4
    copies: int = 3
    poll: float = 600.0
    link: float = 125e6
    draws: int = 299
    lost: float = 0.01


@dataclass(frozen=True, slots=True)
class Estimate:
    """What follows; sizes in bytes, times in seconds.

    "Node" is what one node keeps of its own; "all" what a node keeps that follows every other.
    """

    segments_node: float
    segments_all: float
    index_node: float
    index_all: float
    rebuild_node: float
    rebuild_all: float
    leaves_node: float
    log_node: float
    logs_all: float
    citation: float
    first_sync_one: float
    first_sync_wire: float
    first_sync_all: float
    month_wire: float
    idle_wire_day: float
    idle_cpu_round: float
    held: float
    copies_all: float
    clone_machine: float
    clone_line: float
    refill: float
    verify: float
    audit_least: float
    audit_most: float
    audit_found: float
    audits_month: float


def estimate(m: Measured, f: Federation) -> Estimate:
    """Work it out."""
    row = (m.specimen_bytes + m.media_bytes + m.capture_bytes) / 3
    segments = f.rows * row
    log = _log(m, f)
    foreign = f.copies - 1
    sync_all = segments * m.wire_ratio * (f.nodes - 1)
    month = segments * m.wire_ratio * f.changed
    sent = min(m.clone_bytes, f.link)
    mean_blob = f.data / (f.rows / 3)
    return Estimate(
        segments_node=segments,
        segments_all=segments * f.nodes,
        index_node=f.rows * m.index_bytes,
        index_all=f.rows * m.index_bytes * f.nodes,
        rebuild_node=f.rows / m.rebuild_rows,
        rebuild_all=f.rows * f.nodes / m.rebuild_rows,
        leaves_node=_leaves(f),
        log_node=log,
        logs_all=log * f.nodes,
        # A path grows by one hash of 64 characters, quotes and comma, each time the log doubles.
        citation=m.citation_bytes + 2 * 67 * math.log2(max(_leaves(f), 2) / 10_000_000),
        first_sync_one=f.rows / m.sync_rows,
        first_sync_wire=sync_all,
        first_sync_all=max(f.rows * (f.nodes - 1) / m.sync_rows, sync_all / f.link),
        month_wire=month * (f.nodes - 1),
        idle_wire_day=m.idle_bytes * (f.nodes - 1) * DAY / f.poll,
        idle_cpu_round=m.idle_cpu * (f.nodes - 1),
        held=f.data * f.copies,
        copies_all=f.data * f.copies * f.nodes,
        clone_machine=f.data / m.clone_bytes,
        clone_line=f.data / sent,
        refill=f.data * foreign / sent,
        verify=f.data * f.copies / m.hash_bytes,
        audit_least=f.draws * float(PIECE),
        audit_most=f.draws * max(mean_blob, PIECE),
        audit_found=1 - (1 - f.lost) ** f.draws,
        audits_month=f.draws * max(mean_blob, PIECE) * foreign,
    )


def _leaves(f: Federation) -> float:
    """Entries of a node's log after ten years of crawls: each names its statement and a segment a table."""
    first = 3 * math.ceil(f.rows / 3 / SEGMENT_ROWS)
    crawls = 120 * f.crawls
    return 1 + first + crawls * (1 + 3) + 120 * 2 * f.copies


def _log(m: Measured, f: Federation) -> float:
    """Its entries, tiles and statements."""
    statements = 120 * f.crawls + 120 * 2 * f.copies
    return _leaves(f) * m.leaf_bytes + statements * m.statement_bytes
