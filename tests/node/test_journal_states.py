"""The journal against a plain model: it forgets nothing that it took, over any crash between two calls."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from hashstore.digest import Digest
from manifests.tables import CAPTURE
from node.journal import CrawlState, Journal, Phase, Planned

_URLS = st.sampled_from([f"https://m.test/{name}.jpg" for name in "abcde"] + ["file:ü %20.jpg"])
_ROLES = st.sampled_from(["image", "archive", "file"])
_OUTCOMES = st.sampled_from(["fetched", "unchanged", "failed", "gone"])
_DIGESTS = st.sampled_from([None, *(Digest.of(bytes([n])) for n in range(3))])
_Captured = tuple[str, str, str, Digest | None, bool]
_CAPTURES = st.tuples(_URLS, _ROLES, _OUTCOMES, _DIGESTS, st.booleans())


def _row(url: str, role: str, outcome: str, digest: Digest | None) -> dict[str, Any]:
    raw = digest.raw if digest else None
    named = {"url": url, "role": role, "outcome": outcome, "digest": raw, "message": 'said "ü\x7f"'}
    return {column: named.get(column) for column in CAPTURE.names}


class JournalStates(RuleBasedStateMachine):
    crawls = Bundle("crawls")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "journal.sqlite"
        self.journal = Journal(self.path)
        self.states: dict[str, CrawlState] = {}
        self.captures: dict[str, list[tuple[dict[str, Any], bool]]] = {}
        self.plans: dict[str, dict[str, Planned]] = {}
        self.count = 0

    @rule(target=crawls)
    def begin(self) -> str:
        self.count += 1
        crawl = f"urn:uuid:{self.count}"
        started = f"2026-01-01T00:00:{self.count:06}Z"
        state = CrawlState(crawl, f"/place/{self.count}", "{}", started, Phase.GATHERING)
        self.journal.begin(state)
        self.states[crawl], self.captures[crawl], self.plans[crawl] = state, [], {}
        return crawl

    @rule(
        crawl=crawls, rows=st.lists(st.tuples(_URLS, _ROLES, _OUTCOMES, _DIGESTS, st.booleans()), max_size=4)
    )
    def record(self, crawl: str, rows: list[_Captured]) -> None:
        taken = [
            (_row(url, role, outcome, digest), withheld) for url, role, outcome, digest, withheld in rows
        ]
        self.journal.record(crawl, taken)
        self.captures[crawl] += taken

    @rule(crawl=crawls, planned=st.lists(st.tuples(_URLS, st.booleans(), _DIGESTS), max_size=4))
    def plan(self, crawl: str, planned: list[tuple[str, bool, Digest | None]]) -> None:
        self.journal.plan(crawl, (Planned(u, "s", w, "e" if d else None, None, d) for u, w, d in planned))
        for url, withheld, digest in planned:
            first = self.plans[crawl].get(url) or Planned(
                url, "s", withheld, "e" if digest else None, None, digest
            )
            kept = Planned(url, "s", first.withheld or withheld, first.etag, None, first.known)
            self.plans[crawl][url] = kept

    @rule(crawl=crawls, url=_URLS, role=_ROLES)
    def set_role(self, crawl: str, url: str, role: str) -> None:
        self.journal.set_role(crawl, url, role)
        self.captures[crawl] = [
            ({**row, "role": role} if row["url"] == url else row, withheld)
            for row, withheld in self.captures[crawl]
        ]

    @rule(crawl=crawls, url=_URLS)
    def withhold(self, crawl: str, url: str) -> None:
        self.journal.withhold(crawl, url)
        self.captures[crawl] = [
            (row, withheld or row["url"] == url) for row, withheld in self.captures[crawl]
        ]

    @rule(crawl=crawls, digest=st.sampled_from([Digest.of(b"x"), Digest.of(b"y")]))
    def finishing(self, crawl: str, digest: Digest) -> None:
        self.journal.finishing(crawl, digest)
        old = self.states[crawl]
        self.states[crawl] = CrawlState(
            crawl, old.location, old.options, old.started, Phase.FINISHING, digest
        )

    @rule(target=crawls, crawl=consumes(crawls))
    def forget(self, crawl: str) -> Any:
        self.journal.forget(crawl)
        del self.states[crawl], self.captures[crawl], self.plans[crawl]
        return multiple()

    @rule()
    def reopen(self) -> None:
        self.journal.close()
        self.journal = Journal(self.path)

    @rule()
    def crash(self) -> None:
        """The files as a killed process leaves them: nothing closed, nothing checkpointed."""
        crashed = self.folder / f"crash-{self.count}-{len(list(self.folder.iterdir()))}"
        crashed.mkdir()
        for path in self.folder.glob("journal.sqlite*"):
            shutil.copy(path, crashed)
        self.journal.close()
        for path in self.folder.glob("journal.sqlite*"):
            path.unlink()
        for path in crashed.iterdir():
            shutil.move(path, self.folder)
        self.journal = Journal(self.path)

    @invariant()
    def unfinished_crawls_are_those_of_the_model(self) -> None:
        assert list(self.journal.unfinished()) == sorted(self.states.values(), key=lambda s: s.started)

    @invariant()
    def captures_are_those_of_the_model_in_order(self) -> None:
        for crawl, captures in self.captures.items():
            for hidden in (None, False, True):
                wanted = [row for row, withheld in captures if hidden in (None, withheld)]
                assert list(self.journal.captures(crawl, withheld=hidden)) == wanted
            images = [row for row, _ in captures if row["role"] == "image"]
            assert list(self.journal.captures(crawl, role="image")) == images

    @invariant()
    def the_latest_capture_of_an_address_is_found(self) -> None:
        for crawl, captures in self.captures.items():
            latest = {row["url"]: row for row, _ in captures}
            for url in (*latest, "https://m.test/never.jpg"):
                assert self.journal.captured(crawl, url) == latest.get(url)

    @invariant()
    def what_is_left_to_fetch_is_the_plan_without_what_was_captured(self) -> None:
        for crawl, plan in self.plans.items():
            captured = {row["url"] for row, _ in self.captures[crawl]}
            left = [plan[url] for url in sorted(plan, key=lambda u: u.encode()) if url not in captured]
            assert list(self.journal.planned(crawl, page=2)) == left
            assert self.journal.planned_count(crawl) == len(plan)
            assert self.journal.unfetched_count(crawl) == len(left)

    @invariant()
    def outcomes_count_each_address_once_by_its_latest_attempt(self) -> None:
        for crawl, captures in self.captures.items():
            latest = {row["url"]: row["outcome"] for row, _ in captures if row["role"] == "image"}
            counts = {outcome: list(latest.values()).count(outcome) for outcome in set(latest.values())}
            assert self.journal.outcomes(crawl, "image") == counts

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            self.journal.close()
            shutil.rmtree(self.folder)


TestJournalStates = JournalStates.TestCase
TestJournalStates.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
