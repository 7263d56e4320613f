"""What a server is asked for keeps its place in the caches."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from hashstore.digest import Digest
from node.serve.touches import Touches
from node.slices.eviction import Held
from node.slices.store import Mirror, Mode, SliceStore

SLICE, OLD, NEW = (Digest.of(text) for text in (b"slice", b"old", b"new"))


def test_what_was_asked_for_is_told_once_a_minute(tmp_path: Path) -> None:
    now, told = [0.0], list[set[Digest]]()

    def tell(digests: Collection[Digest]) -> None:
        told.append(set(digests))

    touches = Touches(tell, lambda: now[0])
    assert touches.note(f"/blob/sha256/{OLD.hex}", 200) is None
    assert touches.note(f"/blob/sha256/{SLICE.hex}", 404) is None
    assert touches.note("/heads", 200) is None
    now[0] = 61.0
    thread = touches.note(f"/blob/sha256/{NEW.hex}", 206)
    assert thread is not None
    thread.join()
    assert told == [{OLD, NEW}]
    assert touches.note(f"/blob/sha256/{OLD.hex}", 200) is None


def test_a_blob_that_was_read_is_given_up_later(tmp_path: Path) -> None:
    store = SliceStore(tmp_path / "slices.sqlite")
    store.touch([OLD], 1)  # nothing is kept yet: nothing is made
    assert not (tmp_path / "slices.sqlite").exists()
    store.add(Mirror(SLICE, Mode.CACHE, 10, "2026-11-23T08:00:00+00:00"))
    store.note_cached(SLICE, [Held(OLD, 1, 5), Held(NEW, 1, 5)])
    store.touch([OLD], 9)
    assert {held.digest: held.used for held in store.cached(SLICE)} == {OLD: 9, NEW: 5}
