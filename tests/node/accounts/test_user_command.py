"""`vasculum user`."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from node.accounts.database import accounts_database
from node.accounts.people import AccountStore
from node.accounts.roles import Deed
from node.accounts.tokens import TokenStore
from node.compose import Node

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

PASSWORD = "correct horse battery staple"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is piped in: a password a line."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD} 2\r\n"))


def test_accounts_are_seen_to_from_the_command_line(vasculum: Vasculum, fresh: Node, typed: None) -> None:
    at = ("--node", fresh.layout.root, "user")
    assert "Nobody has an account" in vasculum(*at, "ls").err
    made = vasculum(*at, "add", "Ada", "--shown", "Ada L.", "--role", "contributor", "--json")
    assert made.code == 0
    account = json.loads(made.out)
    assert (account["name"], account["role"], account["agent"]) == ("ada", "contributor", account["id"])
    assert vasculum(*at, "role", "ada", "reviewer").out == "ada is reviewer now.\n"
    before = AccountStore(accounts_database(fresh.layout.accounts)).all()
    assert vasculum(*at, "password", "ada").code == 0
    secret = vasculum(*at, "token", "ada", "--label", "robot", "--scope", "review").out.strip()
    tokens = TokenStore(accounts_database(fresh.layout.accounts))
    assert tokens.owner(secret, 0.0) == (before[0], (Deed.REVIEW,))
    listed = json.loads(vasculum(*at, "token", "ada", "--json").out.splitlines()[0])
    assert listed["label"] == "robot"
    assert vasculum(*at, "token", "ada", "--revoke", listed["id"]).code == 0
    assert "locked out" in vasculum(*at, "disable", "ada").out
    assert "locked out" in vasculum(*at, "ls").out
    assert vasculum(*at, "disable", "ada", "--undo").code == 0
    trail = [json.loads(line) for line in vasculum(*at, "audit", "--json").out.splitlines()]
    assert [entry["deed"] for entry in trail[:-1]] == [
        "account enabled", "account disabled", "token revoked", "token made", "password changed",
        "role changed", "account made",
    ]  # fmt: skip
    written = b"".join(path.read_bytes() for path in fresh.layout.root.glob("accounts.sqlite*"))
    assert PASSWORD.encode() not in written
    assert secret.encode() not in written


def test_what_is_asked_wrongly_is_told(
    vasculum: Vasculum, fresh: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = ("--node", fresh.layout.root, "user")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert vasculum(*at, "add", "ada").code == 2
    assert vasculum(*at, "add", "ada@museum.example").code == 2
    assert vasculum(*at, "password", "ada").code == 2
    assert vasculum(*at, "role", "ada", "king").code == 2
    for password in ("--password", "--pass"):
        assert vasculum(*at, "add", "ada", password, PASSWORD).code == 2, "a password is never an argument"
    assert not fresh.layout.accounts.exists()
