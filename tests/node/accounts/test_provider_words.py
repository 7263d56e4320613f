"""What an identity provider says, and what is made of it."""

from __future__ import annotations

from typing import Any

import pytest

from node.accounts.database import accounts_database
from node.accounts.errors import AccountRefused
from node.accounts.flows import keep_flow, take_flow
from node.accounts.oidc import Flow, new_flow, newcomer, read_provider
from node.accounts.roles import Role
from node.config import parse_config
from node.errors import ConfigError

_ISSUER = "https://login.example"
_DOCUMENT: dict[str, Any] = {
    "issuer": _ISSUER,
    "authorization_endpoint": "https://login.example/auth",
    "token_endpoint": "https://login.example/token",
    "jwks_uri": "https://login.example/keys",
}
_NODE = '[node]\nname = "A"\norigin = "a.test/log"\n'


def test_a_provider_says_who_it_is_and_is_reached_by_https() -> None:
    assert read_provider(_DOCUMENT, _ISSUER).jwks_uri == "https://login.example/keys"
    for change in (
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://login.example/token"},
        {"jwks_uri": None}, {"authorization_endpoint": "javascript:alert(1)"},
    ):  # fmt: skip
        with pytest.raises(AccountRefused):
            read_provider(_DOCUMENT | change, _ISSUER)


@pytest.mark.parametrize(
    ("issuer", "claims", "orcid", "shown"),
    [
        ("https://orcid.org", {"sub": "0000-0002-1825-0097", "given_name": "J", "family_name": "C"},
         "https://orcid.org/0000-0002-1825-0097", "J C"),
        ("https://orcid.org", {"sub": "0000-0002-1825-0098"}, None, "0000-0002-1825-0098"),
        (_ISSUER, {"sub": "0000-0002-1825-0097", "name": "A\nB"}, None, "Somebody of login.example"),
        (_ISSUER, {"sub": "1", "orcid": "https://orcid.org/0000-0002-1825-0097", "name": "A"},
         "https://orcid.org/0000-0002-1825-0097", "A"),
        (_ISSUER, {"sub": "1", "orcid": "did:key:z6Mk", "name": "A"}, None, "A"),
    ],
)  # fmt: skip
def test_only_a_sound_orcid_becomes_an_agent(
    issuer: str, claims: dict[str, str], orcid: str | None, shown: str
) -> None:
    made = newcomer(claims, issuer, Role.READER)
    assert (made.orcid, made.shown, made.password) == (orcid, shown, None)
    assert (made.issuer, made.subject) == (issuer, claims["sub"])


def test_an_answer_counts_once_in_time_and_for_who_asked(tmp_path: Any) -> None:
    database, flow = accounts_database(tmp_path / "accounts.sqlite"), new_flow()
    keep_flow(database, flow, "a browser", "/explore", 0.0)
    for state, browser, now in (
        (flow.state, "another", 1.0),
        ("x", "a browser", 1.0),
        (flow.state, "a browser", 600.0),
    ):
        with pytest.raises(AccountRefused):
            take_flow(database, state, browser, now)
    assert take_flow(database, flow.state, "a browser", 599.0) == (flow, "/explore")
    with pytest.raises(AccountRefused):
        take_flow(database, flow.state, "a browser", 599.0)
    assert isinstance(flow, Flow)


def test_the_settings_name_a_provider_behind_https() -> None:
    section = '[accounts.oidc]\nissuer = "https://orcid.org"\nclient_id = "APP-1"\n'
    oidc = parse_config(_NODE + section).oidc
    assert oidc is not None
    assert (oidc.role, oidc.secret) == ("reader", "")
    assert parse_config(_NODE).oidc is None
    for wrong in ('role = "operator"', "x = 1", 'name = ""'):
        with pytest.raises(ConfigError, match=r"accounts\.oidc"):
            parse_config(_NODE + section + wrong)
    with pytest.raises(ConfigError, match="https"):
        parse_config(_NODE + section.replace("https:", "http:"))
    with pytest.raises(ConfigError, match="client_id: is missing"):
        parse_config(_NODE + '[accounts.oidc]\nissuer = "https://orcid.org"\n')
