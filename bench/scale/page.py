"""`spec/scale.md`, written from the figures: nothing in it is typed by hand but words."""

from __future__ import annotations

from collections.abc import Sequence

from bench.scale.estimate import DAY, HOUR, Estimate, Federation, estimate
from bench.scale.measured import Measured

_SIZES = ((1e18, "EB"), (1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_TIMES = ((365 * DAY, "years"), (DAY, "days"), (HOUR, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def page(m: Measured, f: Federation | None = None) -> str:
    """The whole page."""
    f = f or Federation()
    return "\n".join([*_opening(m, f), *_measured(m), *_estimated(m, f, estimate(m, f)), *_reading(f)]) + "\n"


def size(count: float) -> str:
    """Bytes, three digits."""
    return _shown(count, _SIZES, "bytes")


def span(seconds: float) -> str:
    """Seconds, three digits."""
    return _shown(seconds, _TIMES, "seconds")


def _shown(value: float, units: tuple[tuple[float, str], ...], least: str) -> str:
    for factor, unit in units:
        if value >= factor:
            return f"{_digits(value / factor)} {unit}"
    return f"{_digits(value)} {least}"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _opening(m: Measured, f: Federation) -> list[str]:
    return [
        "# What a large federation needs",
        "",
        f"An estimate on paper: {f.nodes:,} nodes with {f.rows / 1e6:,.0f} million rows and {size(f.data)} "
        "of images each. `python -m bench scale` measures one machine, writes [`scale.json`](scale.json) and "
        "works this page out from it; a test compares the two. Where other work shared the machine, times "
        "are too long, never too short.",
        "",
        f"Measured on {m.date}, {m.machine}, sizes with {m.rows:,} rows of {m.rows_of}.",
        "",
    ]


def _measured(m: Measured) -> list[str]:
    rows = [
        ("a row in its segment", f"specimen {m.specimen_bytes:.0f}, media {m.media_bytes:.0f}, "
         f"capture {m.capture_bytes:.0f} bytes"),
        ("a row in the index", f"{m.index_bytes:.0f} bytes"),
        ("an entry in the log, tiles included", f"{m.leaf_bytes:.0f} bytes"),
        ("a crawl's statement", size(m.statement_bytes)),
        ("first sync", f"{m.wire_ratio:.3f} bytes on the wire for each of the segments; "
         f"{m.sync_rows:,.0f} rows a second"),
        ("index made anew", f"{m.rebuild_rows:,.0f} rows a second"),
        ("sync of a log without news", f"{m.idle_bytes:.0f} bytes, {m.idle_cpu * 1e3:.1f} ms of CPU time"),
        ("images from node to node", f"{size(m.clone_bytes)} a second, hashed and durable"),
        ("SHA-256", f"{size(m.hash_bytes)} a second on one processor"),
        ("a citation bundle, log of 10 million entries", size(m.citation_bytes)),
    ]  # fmt: skip
    return ["## Measured", "", *_table(("what", "figure"), rows), ""]


def _estimated(m: Measured, f: Federation, e: Estimate) -> list[str]:
    everyone = f"a node that follows all {f.nodes:,}"
    rows = [
        ("segments", size(e.segments_node), size(e.segments_all)),
        ("index", size(e.index_node), size(e.index_all)),
        ("index made anew, one machine", span(e.rebuild_node), span(e.rebuild_all)),
        ("entries of the log after ten years", f"{e.leaves_node:,.0f}", f"{e.leaves_node * f.nodes:,.0f}"),
        ("log and statements after ten years", size(e.log_node), size(e.logs_all)),
        ("first sync", span(e.first_sync_one), f"{size(e.first_sync_wire)}, {span(e.first_sync_all)}"),
        (f"sync in a month, {f.changed:.0%} of the rows new", size(e.month_wire / (f.nodes - 1)),
         size(e.month_wire)),
        (f"looking every {span(f.poll)} when nothing is new", size(m.idle_bytes),
         f"{size(e.idle_wire_day)} a day, {span(e.idle_cpu_round)} of CPU time a round"),
    ]  # fmt: skip
    copies = [
        ("images held by a node, its own and others'", size(e.held)),
        ("images held by all", size(e.copies_all)),
        (f"cloning {size(f.data)} as fast as measured", span(e.clone_machine)),
        (f"the same over a line of {f.link * 8 / 1e9:g} Gbit/s", span(e.clone_line)),
        (f"filling a new node with {f.copies - 1} others' images over that line",
         span(e.refill)),
        ("hashing all that a node holds, one processor", span(e.verify)),
        (f"an audit of {f.draws} pieces, roots of pieces known", size(e.audit_least)),
        ("the same where blobs are sent whole", size(e.audit_most)),
        (f"chance that it finds a claimant who lacks {f.lost:.0%}", f"{e.audit_found:.1%}"),
        ("audits of all copies of a node's images, once a month, at most", size(e.audits_month)),
        ("a citation bundle", size(e.citation)),
    ]  # fmt: skip
    return [
        "## Rows and logs",
        "",
        *_table(("what", "one log", everyone), rows),
        "",
        f"## Images, {f.copies} copies of each",
        "",
        *_table(("what", "estimate"), copies),
        "",
    ]


def _reading(f: Federation) -> list[str]:
    return [
        "## Assumed",
        "",
        "1. A third of the rows are specimens, a third media, a third captures; so an image has "
        f"{size(f.data / (f.rows / 3))}.",
        f"2. Each node crawls its sources {f.crawls} times a month; a crawl logs its statement and a segment "
        f"for each of three tables. It makes {f.copies} replica claims and as many audit reports a month.",
        "3. Sizes and times grow in proportion to the rows.",
        "4. The rows of all logs are taken in one after the other: the index has one writer.",
        "",
        "## What it means",
        "",
        "- A node that follows a few dozen others needs nothing special. One that follows all is a machine "
        "for that purpose; the index, not the line, is what it waits for. Segments can be kept without being "
        "indexed.",
        "- Polling is cheap, so no gossip is needed at this size.",
        "- Images are bound by lines, not by programs: copies have to be spread over many nodes, and a lost "
        "node is refilled from several of them.",
        "- An audit costs the same however large a claim is.",
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
