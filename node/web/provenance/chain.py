"""The chain behind a thing as nodes and edges, for a table and for a drawing of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hashstore.digest import Digest
from node.look.account import Account
from node.look.history import Origin


class Sort(StrEnum):
    """What a node of the chain is."""

    THING = "thing"
    CAPTURE = "capture"
    RECORD = "record"
    ARCHIVE = "archive"
    STATEMENT = "statement"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the chain.

    Attributes:
        name: What it is called by.
        sort: What it is.
        words: What there is to say of it.
        leads_to: The names of what it rests on.
        page: Where more is told; None if nowhere here.
    """

    name: str
    sort: Sort
    words: str
    leads_to: tuple[str, ...]
    page: str | None


def chain_of(account: Account) -> tuple[Link, ...]:
    """The steps from a thing to the log that vouches for it, each once."""
    captures = tuple(origin.capture["rowUri"] for origin in account.origins)
    steps = [Link(account.identifier, Sort.THING, "", captures, None)]
    for origin in account.origins:
        steps += _steps(origin, account.origin)
    words = f"{account.log_size:,} entries, root {account.root_hash}"
    steps.append(Link(account.origin, Sort.LOG, words, (), "/log/checkpoint"))
    return tuple({step.name: step for step in steps}.values())


def _steps(origin: Origin, log: str) -> Iterator[Link]:
    capture, statement = origin.capture, Digest(origin.crawl["statement"]).uri
    rows = tuple(str(row["rowUri"]) for row in (*origin.media, *origin.specimens))
    yield Link(capture["rowUri"], Sort.CAPTURE, _answer(capture), (statement, *rows), _row_page(capture))
    for row in origin.specimens:
        words = " ".join(str(row[name]) for name in ("catalogNumber", "scientificName") if row[name])
        yield Link(row["rowUri"], Sort.RECORD, words, _archives(origin), _row_page(row))
    for row in origin.media:
        yield Link(row["rowUri"], Sort.RECORD, str(row["sourceRow"] or ""), _archives(origin), None)
    for archive in origin.archives:
        yield Link(archive.uri, Sort.ARCHIVE, "", (statement,), f"/provenance?of={archive.uri}")
    words = f"{origin.crawl['started']} – {origin.crawl['ended']}, {origin.crawl['signer']}"
    yield Link(statement, Sort.STATEMENT, words, (log,), f"/blob/sha256/{statement.rpartition('/')[2]}")


def _archives(origin: Origin) -> tuple[str, ...]:
    return tuple(archive.uri for archive in origin.archives)


def _answer(capture: Any) -> str:
    status = f"HTTP {capture['status']}, " if capture["status"] else ""
    return f"{capture['requestedAt']} {capture['outcome']}: {status}{capture['url']}"


def _row_page(row: Any) -> str | None:
    segment, _, number = str(row["rowUri"]).removeprefix("hash://sha256/").partition("#row=")
    return f"/record/{segment}/{number}" if "scientificName" in row else None
