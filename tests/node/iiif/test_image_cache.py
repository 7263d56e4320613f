"""The cache of what was made of images: never above its quota for long, and what was used last stays."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hashstore.digest import Digest
from node.iiif.cache import ImageCache
from node.iiif.service import rendering
from node.iiif.sweep import sweep

ONE, TWO = Digest.of(b"one"), Digest.of(b"two")
QUOTA = 1000


def put(cache: ImageCache, digest: Digest, name: str, size: int) -> Path:
    path = cache.path(digest, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    cache.note(path, size)
    return path


class CacheMachine(RuleBasedStateMachine):
    """Against a list of files in the order of their use; each note is put down at once."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.cache = ImageCache(self.folder, QUOTA)
        self.model: dict[Path, int] = {}

    @rule(digest=st.sampled_from([ONE, TWO]), name=st.sampled_from("abcdef"), size=st.integers(1, 400))
    def make(self, digest: Digest, name: str, size: int) -> None:
        path = put(self.cache, digest, name, size)
        self.model.pop(path, None)
        self.model[path] = size
        self.cache.flush()
        self._evict()

    @rule(pick=st.randoms(use_true_random=False))
    def use(self, pick: Random) -> None:
        if self.model:
            path = pick.choice(sorted(self.model))
            self.cache.note(path)
            self.cache.flush()
            self.model[path] = self.model.pop(path)

    @rule(digest=st.sampled_from([ONE, TWO]))
    def forget(self, digest: Digest) -> None:
        self.cache.forget(digest)
        self.model = {p: s for p, s in self.model.items() if p.parent != self.cache.folder_of(digest)}

    @rule()
    def another_process_goes_on(self) -> None:
        self.cache = ImageCache(self.folder, QUOTA)
        self.cache.take_stock()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def _evict(self) -> None:
        if sum(self.model.values()) > QUOTA:
            for path in list(self.model):
                if sum(self.model.values()) <= QUOTA * 0.9:
                    break
                del self.model[path]

    @invariant()
    def what_is_there_is_what_was_used_last(self) -> None:
        if hasattr(self, "model"):
            there = {path: path.stat().st_size for path in self.folder.glob("??/*/*")}
            assert there == self.model
            if self.model:
                assert self.cache.size() == sum(self.model.values())


TestCache = CacheMachine.TestCase
TestCache.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)


def test_what_a_killed_process_left_is_counted(tmp_path: Path) -> None:
    killed = ImageCache(tmp_path, QUOTA)
    for number in range(5):
        put(killed, ONE, f"tile{number}", 300)
    cache = ImageCache(tmp_path, QUOTA)
    cache.take_stock()
    assert cache.size() <= QUOTA
    assert sum(path.stat().st_size for path in tmp_path.glob("??/*/*")) == cache.size()


def test_notes_are_put_down_together(tmp_path: Path) -> None:
    now = 0.0
    cache = ImageCache(tmp_path, QUOTA, lambda: now)
    put(cache, ONE, "a", 10)
    assert not (tmp_path / "ledger.sqlite").exists()
    now = 11.0
    thread = cache.note(cache.path(ONE, "a"))
    assert thread is not None
    thread.join()
    assert cache.size() == 10


def test_what_was_made_of_hidden_images_is_swept_away(tmp_path: Path) -> None:
    cache = ImageCache(tmp_path / rendering(), QUOTA)
    kept, gone = put(cache, ONE, "a", 10), put(cache, TWO, "a", 10)
    (tmp_path / "0-8.0").mkdir()
    cache.flush()
    assert sweep(tmp_path, lambda digest: digest == ONE) == 1
    assert kept.exists()
    assert not gone.parent.exists()
    assert not (tmp_path / "0-8.0").exists()
    assert cache.size() == 10
    assert sweep(tmp_path / "nothing", lambda digest: True) == 0
