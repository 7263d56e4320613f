"""What the file of accounts promises."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.accounts.database import Who, accounts_database, trail
from node.accounts.entrance import Entrance
from node.accounts.errors import AccountRefused, NoSuchAccount, TooManyAttempts
from node.accounts.lifetime import Lifetime
from node.accounts.passwords import hashed, is_outdated, is_password
from node.accounts.people import Account, AccountStore, NewAccount
from node.accounts.roles import Deed, Role
from node.accounts.sessions import SessionStore
from node.accounts.tokens import TokenStore
from node.small_database import SmallDatabase

PASSWORD = "correct horse battery staple"
NOW = 1_800_000_000.0
AT = Who("command line test")
LIFETIME = Lifetime(idle=3600, longest=86400)


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def database(tmp_path: Path) -> SmallDatabase:
    return accounts_database(tmp_path / "accounts.sqlite")


@pytest.fixture
def ada(database: SmallDatabase, kept: str) -> Account:
    return AccountStore(database).add(NewAccount("ada", "Ada", Role.REVIEWER, kept), AT, NOW)


def _everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("accounts.sqlite*")))


def test_nobody_is_known_before_there_is_a_file(database: SmallDatabase, tmp_path: Path) -> None:
    assert AccountStore(database).all() == []
    assert AccountStore(database).find("ada") is None
    assert SessionStore(database, LIFETIME).account("x", NOW) is None
    assert TokenStore(database).owner("x", NOW) is None
    assert trail(database, 9) == []
    assert not (tmp_path / "accounts.sqlite").exists()


def test_the_file_is_for_the_node_alone(database: SmallDatabase, ada: Account, tmp_path: Path) -> None:
    for path in tmp_path.glob("accounts.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_account_has_an_agent_of_its_own(database: SmallDatabase, ada: Account) -> None:
    store = AccountStore(database)
    assert ada.agent.startswith("urn:uuid:")
    assert store.find(ada.id) == store.find("ada") == ada
    bob = store.add(
        NewAccount("bob", "Bob", Role.READER, orcid="https://orcid.org/0000-0002-1825-0097"), AT, NOW
    )
    assert bob.agent == "https://orcid.org/0000-0002-1825-0097"
    assert bob.id != ada.id
    with pytest.raises(AccountRefused, match="already"):
        store.add(NewAccount("ada", "Another", Role.READER), AT, NOW)
    with pytest.raises(NoSuchAccount):
        store.require("eve")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(begun=st.lists(st.floats(0, 1000), min_size=1, max_size=4))
def test_no_secret_is_ever_in_the_database(
    begun: list[float], database: SmallDatabase, ada: Account, tmp_path: Path
) -> None:
    sessions, tokens = SessionStore(database, LIFETIME), TokenStore(database)
    secrets = [sessions.begin(ada, AT, NOW + at) for at in begun]
    secrets.append(tokens.make(ada, "a program", (Deed.ANNOTATE,), 30, AT, NOW))
    for one in tokens.listed(ada, NOW):
        tokens.revoke(ada, one.id, AT, NOW)
    written = _everything(tmp_path)
    assert not [one for one in [*secrets, PASSWORD] if one.encode() in written]


def test_a_session_ends_by_time_by_signing_out_and_by_another_password(
    database: SmallDatabase, ada: Account, kept: str
) -> None:
    sessions, store = SessionStore(database, LIFETIME), AccountStore(database)
    secret = sessions.begin(ada, AT, NOW)
    assert sessions.account(secret, NOW + 3599) == ada
    assert sessions.account(secret, NOW + 3599 + 3599) == ada, "a use is written down"
    assert sessions.account(secret, NOW + 3 * 3600) is None
    for hour in range(24):
        sessions.account(secret, NOW + hour * 3500)
    assert sessions.account(secret, NOW + 86400) is None
    secret, other = sessions.begin(ada, AT, NOW), sessions.begin(ada, AT, NOW)
    sessions.end(secret, Who(ada.id), NOW)
    assert sessions.account(secret, NOW) is None
    assert sessions.account(other, NOW) == ada
    store.set_password(ada, kept, AT, NOW)
    assert sessions.account(other, NOW) is None
    assert sessions.count(ada) == 0


def test_who_is_locked_out_is_out_at_once(database: SmallDatabase, ada: Account) -> None:
    sessions, tokens, store = SessionStore(database, LIFETIME), TokenStore(database), AccountStore(database)
    secret, token = sessions.begin(ada, AT, NOW), tokens.make(ada, "x", (Deed.REVIEW,), 1, AT, NOW)
    assert tokens.owner(token, NOW) == (ada, (Deed.REVIEW,))
    store.set_disabled(ada, True, AT, NOW)
    assert sessions.account(secret, NOW) is None
    assert tokens.owner(token, NOW) is None
    with pytest.raises(AccountRefused, match="wrong"):
        Entrance(database, sessions).sign_in("ada", PASSWORD, "192.0.2.1", NOW)
    store.set_disabled(ada, False, AT, NOW)
    assert sessions.account(secret, NOW) is None, "what has ended does not come back"


def test_a_session_is_always_a_new_one_and_the_former_ends(database: SmallDatabase, ada: Account) -> None:
    sessions = SessionStore(database, LIFETIME)
    door = Entrance(database, sessions)
    _, first = door.sign_in("ADA", PASSWORD, "192.0.2.1", NOW, former="planted by somebody")
    assert first != "planted by somebody"
    assert sessions.account("planted by somebody", NOW) is None
    _, second = door.sign_in("ada", PASSWORD, "192.0.2.1", NOW, former=first)
    assert sessions.account(first, NOW) is None
    assert sessions.account(second, NOW) == ada


def test_wrong_passwords_have_to_wait_and_say_no_more_than_that(
    database: SmallDatabase, ada: Account
) -> None:
    door = Entrance(database, SessionStore(database, LIFETIME))
    said = set()
    for name in ("ada", "nobody", "ada", "ada", "ada", "ada"):
        with pytest.raises(AccountRefused) as refusal:
            door.sign_in(name, "wrong", "192.0.2.1", NOW)
        said.add(str(refusal.value))
    assert len(said) == 1
    with pytest.raises(TooManyAttempts) as slow:
        door.sign_in("ada", PASSWORD, "192.0.2.1", NOW)
    assert 0 < slow.value.seconds <= 900
    assert door.sign_in("ada", PASSWORD, "192.0.2.2", NOW)[0] == ada, "another address is not locked out"
    assert door.sign_in("ada", PASSWORD, "192.0.2.1", NOW + slow.value.seconds)[0] == ada
    assert b"nobody" not in b"".join(
        str(entry).encode() for entry in trail(database, 99) if entry.actor != "nobody"
    )


def test_a_token_ends_and_is_good_for_no_more_than_its_owner(database: SmallDatabase, ada: Account) -> None:
    tokens = TokenStore(database)
    secret = tokens.make(ada, "x", (Deed.ANNOTATE, Deed.ANNOTATE), 1, AT, NOW)
    assert tokens.owner(secret, NOW + 86399)
    assert tokens.owner(secret, NOW + 86400) is None
    (listed,) = tokens.listed(ada, NOW)
    assert listed.scopes == (Deed.ANNOTATE,)
    assert listed.used == "2027-01-16T07:59:59Z"
    for scopes, days in (((Deed.OPERATE,), 1), ((), 1), ((Deed.REVIEW,), 0), ((Deed.REVIEW,), 367)):
        with pytest.raises(AccountRefused):
            tokens.make(ada, "x", scopes, days, AT, NOW)
    bob = AccountStore(database).add(NewAccount("bob", "Bob", Role.READER), AT, NOW)
    with pytest.raises(AccountRefused):
        tokens.revoke(bob, listed.id, AT, NOW)


def test_the_audit_trail_only_grows(database: SmallDatabase, ada: Account, tmp_path: Path) -> None:
    AccountStore(database).set_role(ada, Role.READER, Who(ada.id, "192.0.2.1"), NOW)
    newest, first = trail(database, 9)
    assert (newest.deed, newest.detail, newest.client) == ("role changed", "reviewer to reader", "192.0.2.1")
    assert (first.number, first.at, first.actor) == (1, "2027-01-15T08:00:00Z", "command line test")
    assert trail(database, 9, before=2) == [first]
    with sqlite3.connect(tmp_path / "accounts.sqlite") as db:
        for statement in ("DELETE FROM audit", "UPDATE audit SET actor = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                db.execute(statement)


def test_a_password_is_hashed_with_a_salt_of_its_own(kept: str) -> None:
    assert kept.startswith("$argon2id$")
    assert not is_outdated(kept)
    assert is_password(kept, PASSWORD)
    assert not is_password(kept, PASSWORD + " ")
    assert not is_password(None, PASSWORD)
    assert not is_password("no hash", PASSWORD)
    assert not is_password(kept, "x" * 5000)
