"""What each mode keeps, what it gives up, and what is claimed: with real bytes from another node's store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from manifests.filter import And, parse_filter
from manifests.holdings import encode_places
from node.compose import Node
from node.errors import SliceError
from node.peers.bring import Outcome
from node.slices.bringing import Fetch, first_of, from_store
from node.slices.claims import holdings_of, known_claims, lacking_bitmaps, own_claim, trusted_claims
from node.slices.create import create_slice
from node.slices.known import KnownSlice, members_of, slice_at
from node.slices.locate import How, copies_of_slices, locate
from node.slices.promised import promised
from node.slices.repair import repair
from node.slices.replicate import add_mirror, run_mirror, sizes_of
from node.slices.run import Run
from node.slices.store import Mirror, Mode, SliceStore

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

Follow = Callable[[Node, Node], None]
PLANTS = parse_filter('{"eq":{"field":"taxon","value":"Plantae"}}')


@pytest.fixture
def wanted(alder: Node, birch: Node, follow: Follow) -> KnownSlice:
    """A slice that one institution made and the other knows of."""
    with alder.writing():
        made = create_slice(alder, "plants", PLANTS)
    follow(birch, alder)
    with birch.index() as index:
        return slice_at(birch, index, made.digest)


def want(node: Node, known: KnownSlice, mode: Mode, quota: int | None) -> Mirror:
    with node.index() as index:
        return add_mirror(node, index, known, mode, quota)


def members(node: Node, known: KnownSlice) -> list[Digest]:
    with node.index() as index:
        return list(members_of(node, index, known))


def mirror_all(node: Node, known: KnownSlice, source: Node) -> Run:
    return run_mirror(node, known, want(node, known, Mode.MIRROR, None), from_store(node.store, source.store))


def claimed(node: Node, known: KnownSlice) -> set[Digest]:
    """What the node's own newest claim says."""
    with node.index() as index:
        claim = own_claim(node, index, known.digest)
        assert claim is not None
        ((_, holding),) = holdings_of(node, [claim], known, members_of(node, index, known))
        return {one for one in holding.members if holding.holds(one)}


def test_a_mirror_keeps_every_member_and_claims_so_once(birch: Node, alder: Node, wanted: KnownSlice) -> None:
    run = mirror_all(birch, wanted, alder)
    assert run.complete
    assert run.held == run.fetched == run.members == wanted.slice.count
    assert claimed(birch, wanted) == set(members(birch, wanted))
    again = mirror_all(birch, wanted, alder)
    assert (again.fetched, again.claim) == (0, None)
    assert birch.store.contains(wanted.slice.members)


def test_what_nobody_has_is_named_and_the_claim_says_what_is_missing(
    birch: Node, alder: Node, wanted: KnownSlice
) -> None:
    lost = members(birch, wanted)[:2]
    for digest in lost:
        alder.store.remove(digest)
    run = mirror_all(birch, wanted, alder)
    assert not run.complete
    assert run.unavailable == [(digest, Outcome.NOWHERE) for digest in lost]
    assert claimed(birch, wanted) == set(members(birch, wanted)) - set(lost)
    with birch.index() as index:
        claim = own_claim(birch, index, wanted.digest)
        assert claim is not None
        assert claim.claim.missing == Digest.of(encode_places([0, 1]))
        assert lacking_bitmaps(birch, index) == ()


def test_a_mirror_beyond_its_quota_is_refused_before_anything_comes(birch: Node, wanted: KnownSlice) -> None:
    with birch.index() as index:
        needed = sum(sizes_of(birch, index, members_of(birch, index, wanted)).values())
    assert needed > 0
    with pytest.raises(SliceError, match=rf"{needed:,} bytes.*quota is {needed - 1:,}.*--mode cache"):
        want(birch, wanted, Mode.MIRROR, needed - 1)
    assert want(birch, wanted, Mode.MIRROR, needed).quota == needed
    with pytest.raises(SliceError, match="needs a quota"):
        want(birch, wanted, Mode.CACHE, None)


def test_index_only_keeps_the_list_alone(birch: Node, alder: Node, wanted: KnownSlice) -> None:
    run = run_mirror(
        birch, wanted, want(birch, wanted, Mode.INDEX_ONLY, None), from_store(birch.store, alder.store)
    )
    assert (run.fetched, run.held, run.claim, run.complete) == (0, 0, None, True)
    assert birch.store.contains(wanted.slice.members)
    assert not any(birch.store.contains(one) for one in members(birch, wanted))


def cache(node: Node, known: KnownSlice, source: Node, quota: int) -> Run:
    return run_mirror(node, known, want(node, known, Mode.CACHE, quota), from_store(node.store, source.store))


def taken(node: Node, known: KnownSlice) -> int:
    return sum(node.store.size(one) for one in members(node, known) if node.store.contains(one))


def test_a_cache_takes_what_fits_and_no_more(birch: Node, alder: Node, wanted: KnownSlice) -> None:
    whole = sum(alder.store.size(one) for one in members(birch, wanted))
    run = cache(birch, wanted, alder, whole // 2)
    assert 0 < taken(birch, wanted) <= whole // 2
    assert (run.evicted, run.over) == (0, 0)
    assert claimed(birch, wanted) == {one for one in members(birch, wanted) if birch.store.contains(one)}
    assert cache(birch, wanted, alder, whole).held == wanted.slice.count


def test_the_last_known_copy_is_never_given_up(birch: Node, alder: Node, wanted: KnownSlice) -> None:
    whole = sum(alder.store.size(one) for one in members(birch, wanted))
    cache(birch, wanted, alder, whole)
    run = cache(birch, wanted, alder, whole // 2)
    assert (run.evicted, run.held) == (0, wanted.slice.count)
    assert run.over == whole - whole // 2


def test_with_a_claim_elsewhere_the_least_recently_used_go(
    birch: Node, alder: Node, wanted: KnownSlice, follow: Follow
) -> None:
    whole = sum(alder.store.size(one) for one in members(birch, wanted))
    cache(birch, wanted, alder, whole)
    mirror_all(alder, wanted, alder)
    follow(birch, alder)
    store = SliceStore(birch.layout.slices)
    favourite = min(store.cached(wanted.digest), key=lambda one: (one.used, one.digest)).digest
    store.touch([favourite, Digest.of(b"other")], 2**62)
    run = cache(birch, wanted, alder, whole // 2)
    assert run.evicted > 0
    assert run.over == 0
    assert taken(birch, wanted) <= whole // 2
    assert birch.store.contains(favourite)
    assert claimed(birch, wanted) == {one for one in members(birch, wanted) if birch.store.contains(one)}
    assert {held.digest for held in store.cached(wanted.digest)} == claimed(birch, wanted)


def test_what_the_cache_did_not_bring_or_a_mirror_wants_stays(
    birch: Node, alder: Node, wanted: KnownSlice, follow: Follow, tmp_path: Path, vasculum: Vasculum
) -> None:
    first, second, third, *_ = members(birch, wanted)
    add_bytes(birch.store, alder.store.read(first))
    (tmp_path / "own").mkdir()
    cache(birch, wanted, alder, 2**40)
    # Captured by the own log only after the cache had brought it.
    (tmp_path / "own" / "image.png").write_bytes(alder.store.read(second))
    assert vasculum("--node", birch.layout.root, "add", tmp_path / "own").code == 0
    with birch.writing():
        mine = create_slice(birch, "mine", And(()), [birch.config.identity.origin])
    assert members(birch, mine) == [second]
    mirror_all(alder, wanted, alder)
    follow(birch, alder)
    cache(birch, wanted, alder, 0)
    assert [birch.store.contains(one) for one in (first, second, third)] == [True, True, False]


def test_nothing_is_given_up_while_a_crawl_is_unfinished(
    birch: Node, alder: Node, wanted: KnownSlice, follow: Follow
) -> None:
    from node.journal import CrawlState, Phase

    cache(birch, wanted, alder, 2**40)
    mirror_all(alder, wanted, alder)
    follow(birch, alder)
    with birch.writing() as journal:
        journal.begin(CrawlState("urn:uuid:1", "x", "{}", "2026-11-23T00:00:00.000Z", Phase.GATHERING))
    run = cache(birch, wanted, alder, 0)
    assert (run.evicted, run.held) == (0, wanted.slice.count)
    assert run.over > 0


def test_claims_are_located_and_counted_and_a_frozen_log_counts_for_nothing(
    birch: Node, alder: Node, wanted: KnownSlice, follow: Follow
) -> None:
    mirror_all(birch, wanted, alder)
    follow(alder, birch)
    one, other = members(alder, wanted)[0], Digest.of(b"other")
    with alder.index() as index:
        found = locate(alder, index, [one, other])
        assert [(h.how, h.origin) for h in found[one]] == [
            (How.HELD, alder.config.identity.origin),
            (How.CLAIMED, birch.config.identity.origin),
        ]
        assert found[other] == []
        (copies,) = copies_of_slices(alder, index)
        assert (copies.least, copies.short_of(2), copies.short_of(3)) == (2, False, True)
        assert len(copies.complete) == 2
        assert len(list(known_claims(alder, index))) == 1
    alder.peers.freeze(birch.config.identity.origin, "forked", [], "2026-11-23T00:00:00+00:00")
    with alder.index() as index:
        assert trusted_claims(alder, index) == ()
        assert [h.how for h in locate(alder, index, [one])[one]] == [How.HELD]
    with birch.index() as index:
        assert [h.how for h in locate(birch, index, [one])[one]] == [How.HELD, How.CAPTURED]


def test_the_later_slice_of_a_name_replaces_the_earlier_in_the_count(alder: Node) -> None:
    with alder.writing():
        create_slice(alder, "plants", PLANTS)
        newer = create_slice(alder, "plants", And(()))
    with alder.index() as index:
        assert [copies.slice.digest for copies in copies_of_slices(alder, index)] == [newer.digest]


def _ignore(value: object) -> None:
    pass


def test_repair_brings_what_is_bad_or_lost_and_keeps_even_damaged_bytes_that_nobody_has(
    birch: Node, alder: Node, wanted: KnownSlice
) -> None:
    mirror_all(birch, wanted, alder)
    lost, bad, hopeless, *_ = members(birch, wanted)
    assert set(promised(birch)) >= {lost, bad, hopeless}
    birch.store.remove(lost)
    for digest in (bad, hopeless):
        birch.active.path(digest).write_bytes(b"damaged")
    alder.store.remove(hopeless)
    fetch = from_store(birch.store, alder.store)
    done = {one.digest: one for one in repair(birch, fetch, progress=_ignore, phase=_ignore)}
    assert {digest: (one.kind, one.sound) for digest, one in done.items()} == {
        lost: ("missing", True),
        bad: ("bad", True),
        hopeless: ("bad", False),
    }
    assert birch.store.read(bad) == alder.store.read(bad)
    assert birch.active.path(hopeless).read_bytes() == b"damaged"
    assert not birch.layout.damaged.exists()


def test_a_repair_that_was_cut_short_puts_back_what_it_had_set_aside(
    birch: Node, alder: Node, wanted: KnownSlice
) -> None:
    mirror_all(birch, wanted, alder)
    bad = members(birch, wanted)[0]
    birch.active.path(bad).write_bytes(b"damaged")

    def killed(digests: Sequence[Digest]) -> Iterator[tuple[Digest, Outcome]]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(repair(birch, killed, progress=_ignore, phase=_ignore))
    assert birch.active.path(bad).read_bytes() == b"damaged"
    # Killed at once, it could not even put it back; the next one does.
    birch.layout.damaged.mkdir()
    birch.active.path(bad).rename(birch.layout.damaged / bad.hex)
    fetch = from_store(birch.store, alder.store)
    (done,) = repair(birch, fetch, progress=_ignore, phase=_ignore)
    assert (done.digest, done.sound) == (bad, True)
    assert not birch.layout.damaged.exists()


def test_one_way_after_the_other_is_tried(birch: Node, alder: Node, wanted: KnownSlice) -> None:
    one, other, *_ = members(birch, wanted)
    asked: list[list[Digest]] = []

    def nowhere(digests: Sequence[Digest]) -> Iterator[tuple[Digest, Outcome]]:
        asked.append(list(digests))
        return iter([(digest, Outcome.NOWHERE) for digest in digests])

    unknown = Digest.of(b"unknown")
    alder.active.path(other).write_bytes(b"damaged")
    both: Fetch = first_of(nowhere, from_store(birch.store, alder.store), nowhere)
    assert dict(both([one, other, unknown])) == {
        one: Outcome.FETCHED,
        other: Outcome.NOWHERE,
        unknown: Outcome.NOWHERE,
    }
    assert asked == [[one, other, unknown], [other, unknown]]
    assert dict(first_of()([one])) == {one: Outcome.NOWHERE}
