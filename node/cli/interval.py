"""Spans of time as people write them."""

from __future__ import annotations

import re

import click

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Interval(click.ParamType[float]):
    """A span of time such as `30s`, `10m`, `2h`, in seconds."""

    name = "interval"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        found = re.fullmatch(r"(\d{1,6})([smhd])", str(value), re.ASCII)
        if found is None or int(found[1]) == 0:
            self.fail(f"{value!r} is no span of time: give 30s, 10m, 2h or 1d.", param, ctx)
        return float(int(found[1]) * _UNITS[found[2]])
