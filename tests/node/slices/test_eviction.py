"""What a cache gives up, and what it never does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from node.slices.eviction import Held, choose_evictions

held = st.lists(
    st.builds(Held, st.binary(min_size=1, max_size=2).map(Digest.of), st.integers(0, 9), st.integers(0, 5)),
    unique_by=lambda one: one.digest,
    max_size=12,
)
chosen = st.sets(st.integers(0, 11))


@given(held, st.integers(0, 40), chosen)
def test_only_what_may_go_goes_and_the_least_recently_used_first(
    have: list[Held], quota: int, safe: set[int]
) -> None:
    may_go = {one.digest for number, one in enumerate(have) if number in safe}
    found = choose_evictions(have, quota, may_go.__contains__)
    assert {one.digest for one in found.evicted} <= may_go
    assert found.bytes == sum(one.size for one in have) - sum(one.size for one in found.evicted)
    gone = set(found.evicted)
    stays = [one for one in have if one not in gone and one.digest in may_go and one.size]
    assert all((one.used, one.digest) > (last.used, last.digest) for one in stays for last in found.evicted)


@given(held, st.integers(0, 40), chosen)
def test_no_more_goes_than_has_to(have: list[Held], quota: int, safe: set[int]) -> None:
    may_go = {one.digest for number, one in enumerate(have) if number in safe}
    found = choose_evictions(have, quota, may_go.__contains__)
    if found.evicted:
        assert found.bytes + found.evicted[-1].size > quota
    assert found.bytes <= quota or all(
        one in found.evicted or one.digest not in may_go or not one.size for one in have
    )


@given(held, st.integers(0, 40))
def test_the_last_known_copy_stays_whatever_the_quota(have: list[Held], quota: int) -> None:
    assert choose_evictions(have, quota, lambda digest: False).evicted == ()


@given(held, st.integers(0, 40), chosen)
def test_a_second_choice_finds_nothing_more_to_do(have: list[Held], quota: int, safe: set[int]) -> None:
    may_go = {one.digest for number, one in enumerate(have) if number in safe}
    first = choose_evictions(have, quota, may_go.__contains__)
    left = [one for one in have if one not in set(first.evicted)]
    assert choose_evictions(left, quota, may_go.__contains__).evicted == ()
