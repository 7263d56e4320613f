import socket
from typing import Any

import pytest

from crawlers.fetch import AddressPolicy, AddressRefused, Outcome, Reason, host_key
from crawlers.fetch.address import is_public
from crawlers.testing import ScriptedSite, answer, fetch_now


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "nonsense", ""),
    ],
)
def test_private_and_reserved_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_global_unicast_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_of_mixed_answers_only_public_addresses_are_left() -> None:
    assert AddressPolicy().check("museum.example", 80, ("10.0.0.1", "1.1.1.1")) == ("1.1.1.1",)


def test_what_the_operator_named_is_allowed_at_that_port_only() -> None:
    policy = AddressPolicy(allowed_hosts=frozenset({host_key("Museum.Local.", 8080)}))
    assert policy.check("museum.local", 8080, ("10.0.0.1",)) == ("10.0.0.1",)
    with pytest.raises(AddressRefused, match="private or reserved"):
        policy.check("museum.local", 8081, ("10.0.0.1",))
    assert host_key("[::1]", 80) == "[::1]:80"


def test_a_host_without_any_address_is_refused() -> None:
    with pytest.raises(AddressRefused):
        AddressPolicy().check("museum.example", 80, ())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_loopback_is_refused_however_it_is_written(site: ScriptedSite, host: str) -> None:
    [capture] = fetch_now(site.url("/a", host), addresses=AddressPolicy())
    assert (capture.outcome, capture.reason) == (Outcome.FAILED, Reason.ADDRESS_REFUSED)
    assert site.connections == 0


def test_a_name_is_resolved_once_and_judged_by_that_answer(
    site: ScriptedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: a second answer, which could differ from the first, is never asked for."""
    real, answers = socket.getaddrinfo, ["127.0.0.1", "127.0.0.1"]

    def rebinding(host: str, *rest: Any, **more: Any) -> Any:
        return real(answers.pop() if host == "museum.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    site.on("/a", answer(200, b"x"))
    url = site.url("/a", "museum.example")
    [refused] = fetch_now(url, addresses=AddressPolicy())
    assert (refused.reason, site.connections, len(answers)) == (Reason.ADDRESS_REFUSED, 0, 1)
    allowed = AddressPolicy(allowed_hosts=frozenset({host_key("museum.example", site.port)}))
    [fetched] = fetch_now(url, addresses=allowed)
    assert (fetched.outcome, site.connections, len(answers)) == (Outcome.FETCHED, 1, 0)
