"""Text and data mining reservations: the TDMRep header fields (W3C community group report, section 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a server says of mining the answer it gave.

    Attributes:
        reserved: Whether the rights are reserved.
        policy: URL of a policy under which they can be had; empty if none is named.
    """

    reserved: bool
    policy: str

    def __str__(self) -> str:
        return f"tdm-reservation: {int(self.reserved)}" + (
            f"; tdm-policy: {self.policy}" if self.policy else ""
        )


def reservation(response: httpx.Response) -> Reservation | None:
    """The reservation that the answer's fields state; None if they state none, or one that cannot be read."""
    value = response.headers.get("tdm-reservation", "").strip()
    if value not in {"0", "1"}:
        return None
    return Reservation(value == "1", response.headers.get("tdm-policy", "").strip())


def robots_tag(response: httpx.Response) -> str | None:
    """The answer's X-Robots-Tag fields, which may hold `noai` or `noimageai`; None if it has none."""
    told = [value.strip() for value in response.headers.get_list("x-robots-tag") if value.strip()]
    return ", ".join(told) or None
