"""`[accounts]` of node.toml: how people sign in."""

from __future__ import annotations

import os
from dataclasses import dataclass

OIDC_SECRET_VARIABLE = "VASCULUM_OIDC_SECRET"


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """An identity provider that vouches for people (OpenID Connect).

    Attributes:
        issuer: Its address, as it says it itself.
        client_id: Under which it knows this node.
        client_secret: What it gave this node; without it, `$VASCULUM_OIDC_SECRET`.
        name: What people call it.
        role: What people may do who come for the first time.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    name: str = "OpenID Connect"
    role: str = "reader"

    @property
    def secret(self) -> str:
        """What proves to it that this node asks; empty if it wants no proof."""
        return self.client_secret or os.environ.get(OIDC_SECRET_VARIABLE, "")


@dataclass(frozen=True, slots=True)
class AccountsConfig:
    """How people sign in.

    Attributes:
        idle_hours: Who does nothing for so long has to sign in again.
        longest_days: So does everybody after so long.
    """

    idle_hours: float = 12.0
    longest_days: float = 14.0
