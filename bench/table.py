"""Print lines so that a person can read them."""

from __future__ import annotations

from collections.abc import Sequence

from bench.harness import Figure, Line, Measured

_HEAD = (
    "what",
    "ours",
    "peer",
    "ratio",
    "promised",
    "our rate",
    "our CPU",
    "peer CPU",
    "our peak",
    "peer peak",
    "note",
)
_FIGURE_HEAD = ("what", "measured", "promised", "note")


def table(lines: Sequence[Line]) -> str:
    """All lines under one head, columns aligned."""
    return _aligned([_HEAD, *(_row(line) for line in lines)]) if lines else ""


def figures(found: Sequence[Figure]) -> str:
    """All figures under one head, columns aligned."""
    return _aligned([_FIGURE_HEAD, *(_figure(one) for one in found)]) if found else ""


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _figure(one: Figure) -> tuple[str, ...]:
    promised = f"<= {one.most:,g}" if one.most is not None else ""
    promised += f">= {one.least:,g}" if one.least is not None else ""
    shown = f"{one.value:,.0f}" if one.value >= 1_000 else f"{one.value:.4g}"
    return (one.what, f"{shown} {one.unit}", promised + (" MISSED" if one.misses else ""), one.note)


def _row(line: Line) -> tuple[str, ...]:
    promised = "" if line.target is None else f">= {line.target:g}{' MISSED' if line.misses else ''}"
    rate = f"{line.bytes / line.ours.seconds / 1e6:,.0f} MB/s, {line.items / line.ours.seconds:,.0f}/s"
    return (
        line.what,
        f"{line.ours.seconds:.2f} s",
        f"{line.peer.seconds:.2f} s {line.peer.name}",
        f"{line.ratio:.2f}",
        promised,
        rate,
        f"{line.ours.cpu_seconds:.2f} s",
        f"{line.peer.cpu_seconds:.2f} s",
        _mebibytes(line.ours),
        _mebibytes(line.peer),
        line.note,
    )


def _mebibytes(measured: Measured) -> str:
    return f"{measured.peak_bytes / (1 << 20):.0f} MiB"
