"""Which addresses may be fetched from: a crawler must not be talked into probing the network it stands in.

The rule is asked of the very address that is connected to (see `network.py`), so that a name which answers
differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from crawlers.errors import CrawlerError

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_SITE_LOCAL = IPv6Network("fec0::/10")  # RFC 3879: deprecated, never to be routed


class AddressRefused(CrawlerError):
    """A host's address lies inside a private or reserved network, and nobody allowed it."""


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """Which hosts may have which addresses.

    Attributes:
        allow_private: Any address will do; for a node that mirrors within its own institution.
        allowed_hosts: `host:port` pairs that the operator named, such as "127.0.0.1:8080"; any address will
            do.
    """

    allow_private: bool = False
    allowed_hosts: frozenset[str] = frozenset()

    def check(self, host: str, port: int, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """The addresses that may be connected to; never empty.

        Raises:
            AddressRefused: Every address of the host is private or reserved, or there is none.
        """
        if self.allow_private or host_key(host, port) in self.allowed_hosts:
            return addresses
        fit = tuple(address for address in addresses if is_public(address))
        if not fit:
            raise AddressRefused(
                f"{host}:{port} has the address {', '.join(addresses)}, which is private or reserved. "
                "To fetch from inside your own network, name this host as the source, give --allow-private, "
                "or set allow_private in node.toml."
            )
        return fit


def host_key(host: str, port: int) -> str:
    """`host:port` in the form in which `AddressPolicy.allowed_hosts` holds it; IPv6 in brackets."""
    bare = host.strip("[]").rstrip(".").lower()
    return f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"


def is_public(address: str) -> bool:
    """Whether an IPv4 or IPv6 address is globally reachable unicast (IANA special-purpose registries).

    An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4, Teredo) is judged by that one too.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _embedded(parsed) if isinstance(parsed, IPv6Address) else None
    if inner is not None:
        return _global_unicast(inner)
    return _global_unicast(parsed) and not (isinstance(parsed, IPv6Address) and parsed in _SITE_LOCAL)


def _global_unicast(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else None
