"""`python -m bench [NAME ...] [--quick]`: run the suites and print one table."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from bench import suites
from bench.harness import Bench, Figure, Line, say
from bench.table import figures, table

_WORK = Path("/var/tmp/vasculum-bench")


def main() -> int:
    found = {name: importlib.import_module(f"bench.suites.{name}") for name in suite_names()}
    options = _parser(found).parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    rounds = options.rounds or (1 if options.quick else 3)
    bench = Bench(options.work, rounds=rounds, quick=options.quick, keep=options.keep)
    found_out: list[Line | Figure] = []
    try:
        for name in options.names or sorted(name for name in found if by_default(found[name])):
            say(f"{name}:")
            for line in found[name].run(bench):
                found_out.append(line)
    finally:  # what was measured before an error is worth its minutes
        bench.close()
        print(table([one for one in found_out if isinstance(one, Line)]))
        print(figures([one for one in found_out if isinstance(one, Figure)]))
        print(f"\nBest of {rounds} rounds, in turns. Input read through before each run (warm page cache).")
        print(f"Load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")
    return 1 if options.strict and any(line.misses for line in found_out) else 0


def suite_names() -> Iterator[str]:
    return (module.name for module in pkgutil.iter_modules(suites.__path__))


def by_default(suite: ModuleType) -> bool:
    """Whether a suite runs where none is named."""
    return not getattr(suite, "BY_NAME_ONLY", False)


def _parser(found: dict[str, ModuleType]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="How fast we are beside other tools."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(sorted(found))}; default: all but scale"
    )
    parser.add_argument("--quick", action="store_true", help="small corpora, one round: to see that it works")
    parser.add_argument("--rounds", type=int, help="how often each is run; default 3")
    parser.add_argument("--keep", action="store_true", help="leave outputs: deleting many files slows a disk")
    parser.add_argument("--strict", action="store_true", help="exit 1 if we are slower than promised")
    parser.add_argument(
        "--work", type=Path, default=_WORK, help=f"a folder on the disk to measure; default {_WORK}"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
