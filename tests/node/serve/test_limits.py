"""Requests are counted for each client, and nobody can pass for many or for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.serve.limits import RateLimit, client_of, scheme_of


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_granted_and_then_the_rate() -> None:
    clock = _Clock()
    limit = RateLimit(2, 5, clock)
    assert [limit.wait("a") for _ in range(5)] == [0] * 5
    assert limit.wait("a") == pytest.approx(0.5)
    clock.now = 0.5
    assert limit.wait("a") == 0
    assert limit.wait("a") > 0
    assert limit.wait("b") == 0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 9), st.integers(1, 9))
def test_never_more_than_burst_and_rate_allow(gaps: list[float], rate: int, burst: int) -> None:
    clock = _Clock()
    limit = RateLimit(rate, burst, clock)
    granted = 0
    for gap in gaps:
        clock.now += gap
        granted += limit.wait("a") == 0
        assert granted <= burst + rate * clock.now + 1e-6


def test_without_a_rate_there_is_no_limit() -> None:
    limit = RateLimit(0, 0, _Clock())
    assert all(limit.wait("a") == 0 for _ in range(1000))


def test_one_network_of_ipv6_is_one_client() -> None:
    limit = RateLimit(1, 2, _Clock())
    waits = [limit.wait(f"2001:db8::{number:x}") for number in range(3)]
    assert waits[:2] == [0, 0]
    assert waits[2] > 0
    assert limit.wait("2001:db8:0:1::1") == 0


def test_an_ipv4_address_is_itself_in_ipv6_too() -> None:
    limit = RateLimit(1, 1, _Clock())
    assert limit.wait("192.0.2.7") == 0
    assert limit.wait("::ffff:192.0.2.7") > 0
    assert limit.wait("::ffff:192.0.2.8") == 0


def test_a_flood_of_addresses_does_not_fill_memory() -> None:
    limit = RateLimit(1, 1, _Clock())
    for number in range(30_000):
        limit.wait(str(number))
    assert len(limit._buckets) <= 10_000


@pytest.mark.parametrize(
    ("address", "forwarded", "client"),
    [
        ("127.0.0.1:4000", None, "127.0.0.1"),
        ("127.0.0.1:4000", "192.0.2.7", "192.0.2.7"),
        ("[::1]:4000", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1:4000", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1:4000", "nonsense", "127.0.0.1"),
        ("127.0.0.1:4000", "", "127.0.0.1"),
        ("192.0.2.9:4000", "192.0.2.7", "192.0.2.9"),
        ("[2001:db8::9]:4000", "127.0.0.1", "2001:db8::9"),
    ],
)
def test_only_a_proxy_on_this_machine_speaks_for_others(
    address: str, forwarded: str | None, client: str
) -> None:
    assert client_of(address, forwarded) == client


@pytest.mark.parametrize(
    ("address", "forwarded", "scheme"),
    [
        ("127.0.0.1:5000", "https", "https"), ("[::1]:5000", "https", "https"),
        ("127.0.0.1:5000", None, "http"),
        ("127.0.0.1:5000", "javascript", "http"), ("192.0.2.7:5000", "https", "http"), ("", "https", "http"),
    ],
)  # fmt: skip
def test_a_scheme_is_believed_from_this_machine_alone(
    address: str, forwarded: str | None, scheme: str
) -> None:
    assert scheme_of(address, "http", forwarded) == scheme
