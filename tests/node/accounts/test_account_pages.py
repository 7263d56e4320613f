"""Signing in, and what stands against those who would sign in as others: forms, cookies, addresses, names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from node.accounts.database import Who, trail
from node.accounts.passwords import hashed
from node.accounts.people import Account, AccountStore, NewAccount
from node.accounts.roles import Deed, Role
from node.accounts.tokens import TokenStore
from node.create import create_node
from node.layout import Layout
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics
from node.web.account.guard import Guard

BASE = "https://node.example"
PASSWORD = "correct horse battery staple"
SCRIPT = "<script>alert(1)</script> \"'><img src=x onerror=alert(2)>"
AT = Who("command line test")
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass
class Door:
    """An application with two accounts, and a clock."""

    api: FastAPI
    layout: Layout
    ada: Account
    carl: Account
    now: float = 1_800_000_000.0

    @property
    def guard(self) -> Guard:
        found: Guard = self.api.state.guard
        return found

    def browser(self, base: str = BASE) -> Browser:
        return Browser(TestClient(self.api, base_url=base, follow_redirects=False))

    def signed_in(self, account: Account) -> Browser:
        """A browser that holds a session, without the cost of a password."""
        browser = self.browser()
        secret = self.guard.sessions.begin(account, AT, self.now)
        browser.client.cookies.set("__Host-session", secret)
        return browser


@dataclass
class Browser:
    """What a browser does with forms."""

    client: TestClient

    def form(self, page: str) -> str:
        found = _CSRF.search(self.client.get(page).text)
        assert found
        return found[1]

    def send(self, page: str, to: str, **fields: str) -> Response:
        headers = {"origin": BASE, "sec-fetch-site": "same-origin"}
        answer: Response = self.client.post(to, data={"csrf": self.form(page), **fields}, headers=headers)
        return answer

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> Response:
        return self.send("/account/login", "/account/login", name=name, password=password, **fields)


@pytest.fixture(scope="module")
def one_door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    layout = Layout(tmp_path_factory.mktemp("accounts") / "node")
    create_node(layout, "Test Herbarium", "herbarium.test/log")
    api = make_api(LiveNode(layout), Metrics())
    accounts, kept = AccountStore(api.state.guard.database), hashed(PASSWORD)
    ada = accounts.add(NewAccount("ada", "Ada", Role.OPERATOR, kept), AT, 0)
    carl = accounts.add(NewAccount("carl", f"Carl {SCRIPT}", Role.CONTRIBUTOR, kept), AT, 0)
    return Door(api, layout, ada, carl)


@pytest.fixture
def door(one_door: Door) -> Door:
    """Every test has a day of its own, so that none slows down another."""
    one_door.now += 86400
    one_door.guard.clock = lambda: one_door.now
    return one_door


def test_somebody_signs_in_and_out(door: Door) -> None:
    browser = door.browser()
    answer = browser.sign_in("ada", next="/account?changed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?changed")
    page = browser.client.get("/account")
    assert "Ada" in page.text
    assert door.ada.agent in page.text
    assert page.headers["cache-control"] == "no-store"
    assert browser.client.get("/api/account").json()["role"] == "operator"
    assert browser.send("/account", "/account/logout").status_code == 303
    assert browser.client.get("/account").headers["location"] == "/account/login?next=%2Faccount"


def test_the_cookie_is_for_this_server_alone(door: Door) -> None:
    cookies = door.browser().sign_in("ada").headers.get_list("set-cookie")
    (session,) = (one for one in cookies if one.startswith("__Host-session="))
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in session
    assert "Domain" not in session
    plain = door.browser("http://node.example").client.get("/account/login").headers["set-cookie"]
    assert plain.startswith("entrance=")
    assert "Secure" not in plain


def test_no_secret_of_a_browser_is_in_the_database_or_on_a_page(door: Door) -> None:
    browser = door.browser()
    browser.sign_in("ada")
    secret = browser.client.cookies["__Host-session"].encode()
    written = b"".join(path.read_bytes() for path in door.layout.root.glob("accounts.sqlite*"))
    assert secret not in written
    assert PASSWORD.encode() not in written
    assert secret not in browser.client.get("/account").content


def test_a_session_that_somebody_planted_is_not_taken_over(door: Door) -> None:
    browser = door.browser()
    browser.client.cookies.set("__Host-session", "planted")
    secret = browser.sign_in("carl").cookies["__Host-session"]
    assert secret != "planted"
    browser.client.cookies.clear()
    browser.client.cookies.set("__Host-session", "planted")
    assert browser.client.get("/account").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://node.example"},
        {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site", "origin": BASE},
    ],
)  # fmt: skip
def test_a_form_from_elsewhere_does_nothing(door: Door, headers: dict[str, str]) -> None:
    browser = door.signed_in(door.ada)
    data = {"csrf": browser.form("/account"), "label": "x", "days": "30", "scope-operate": "yes"}
    assert browser.client.post("/account/tokens", data=data, headers=headers).status_code == 403
    assert browser.client.post("/account/logout", data=data, headers=headers).status_code == 403
    assert browser.client.get("/account").status_code == 200
    assert not TokenStore(door.guard.database).listed(door.ada, door.now)


_FORMS = ("/account/logout", "/account/password", "/account/tokens", "/account/tokens/revoke",
          "/account/users", "/account/users/change", "/account/login")  # fmt: skip


@pytest.mark.parametrize("path", _FORMS)
@pytest.mark.parametrize("token", ["", "0" * 64, "another's"])
def test_a_form_without_what_belongs_to_the_session_does_nothing(door: Door, path: str, token: str) -> None:
    browser = door.signed_in(door.ada)
    given = door.signed_in(door.carl).form("/account") if token == "another's" else token
    before = len(trail(door.guard.database, 1000))
    assert browser.client.post(path, data={"csrf": given}, headers={"origin": BASE}).status_code == 403
    assert len(trail(door.guard.database, 1000)) == before


def test_every_route_that_takes_a_form_is_among_those(door: Door) -> None:
    found = {path for path, methods in _routes(door.api) if path.startswith("/account") and "POST" in methods}
    assert found == set(_FORMS)


def _routes(api: FastAPI) -> list[tuple[str, set[str]]]:
    return [(getattr(one, "path", ""), getattr(one, "methods", None) or set()) for one in api.routes]


def test_signing_in_leads_nowhere_else(door: Door) -> None:
    for target in ("//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"):
        assert door.browser().sign_in("ada", next=target).headers["location"] == "/account"
        signed_in = door.signed_in(door.ada).client
        assert signed_in.get("/account/login", params={"next": target}).headers["location"] == "/account"
        assert signed_in.get("/language/fr", params={"back": target}).headers["location"] == "/explore"


def test_wrong_passwords_have_to_wait(door: Door) -> None:
    browser = door.browser()
    answers = [browser.sign_in("carl", "wrong") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert "Name or password is wrong" in answers[0].text
    slow = browser.sign_in("carl")
    assert slow.status_code == 429
    door.now += int(slow.headers["retry-after"])
    assert browser.sign_in("carl").status_code == 303


def test_names_are_text_on_every_page(door: Door) -> None:
    carl, ada = door.signed_in(door.carl), door.signed_in(door.ada)
    label = {"label": SCRIPT, "scope-annotate": "yes"}
    pages = [carl.client.get("/account"), carl.client.get("/"), ada.client.get("/account/users"),
             ada.client.get("/account/audit"), door.browser().sign_in(SCRIPT, "x"),
             carl.send("/account", "/account/tokens", days="30", **label)]  # fmt: skip
    for page in pages:
        assert "&lt;script&gt;alert(1)" in page.text or page is pages[3]
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


def test_pages_are_framed_and_kept_by_nobody(door: Door) -> None:
    for browser, path in ((door.signed_in(door.ada), "/account"), (door.browser(), "/account/login")):
        answer = browser.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer.headers["cache-control"] == "no-store"
    assert "private" in door.signed_in(door.ada).client.get("/").headers["cache-control"]


def test_only_operators_see_to_accounts(door: Door) -> None:
    carl = door.signed_in(door.carl)
    for path in ("/account/users", "/account/audit"):
        assert carl.client.get(path).status_code == 403
        assert door.browser().client.get(path).status_code == 303
    change = {"account": door.carl.id, "role": "operator"}
    assert carl.send("/account", "/account/users/change", **change).status_code == 403
    assert AccountStore(door.guard.database).require("carl").role is Role.CONTRIBUTOR


def test_an_operator_makes_changes_and_locks_out(door: Door) -> None:
    ada = door.signed_in(door.ada)
    made = ada.send("/account/users", "/account/users", name="Eve", shown="Eve", role="reader")
    password = re.search(r"<code>([\w-]{20})</code>", made.text)
    assert password
    eve = door.browser()
    assert eve.sign_in("eve", password[1]).status_code == 303
    accounts = AccountStore(door.guard.database)
    account = accounts.require("eve")
    ada.send("/account/users", "/account/users/change", account=account.id, role="reviewer")
    assert eve.client.get("/api/account").json()["may"] == ["account", "annotate", "dataset", "review"]
    ada.send("/account/users", "/account/users/change", account=account.id, disabled="yes")
    assert eve.client.get("/account").status_code == 303
    own = ada.send("/account/users", "/account/users/change", account=door.ada.id, role="reader")
    assert own.status_code == 400
    assert accounts.require("ada").role is Role.OPERATOR


def test_another_password_ends_every_other_session(door: Door) -> None:
    browser, other = door.signed_in(door.carl), door.signed_in(door.carl)
    new = {"new": PASSWORD + " 2", "again": PASSWORD + " 2"}
    wrong = browser.send("/account", "/account/password", password="wrong", **new)
    assert wrong.status_code == 400
    former = browser.client.cookies["__Host-session"]
    assert browser.send("/account", "/account/password", password=PASSWORD, **new).status_code == 303
    assert former != browser.client.get("/account").request.headers["cookie"]
    assert other.client.get("/account").status_code == 303
    assert door.guard.sessions.account(former, door.now) is None
    AccountStore(door.guard.database).set_password(door.carl, hashed(PASSWORD), AT, door.now)


def test_a_token_opens_the_api_and_no_page(door: Door) -> None:
    secret = TokenStore(door.guard.database).make(door.carl, "x", (Deed.ACCOUNT,), 1, AT, door.now)
    client = door.browser().client
    by_token = {"authorization": f"Bearer {secret}"}
    assert client.get("/api/account", headers=by_token).json()["may"] == ["account"]
    assert client.get("/account", headers=by_token).status_code == 403
    assert client.post("/account/logout", headers=by_token).status_code in (303, 403)
    for wrong in ({}, {"authorization": "Bearer vasculum_wrong"}, {"authorization": f"Basic {secret}"}):
        refused = client.get("/api/account", headers=wrong)
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"] == "Bearer"


def test_a_token_of_other_scopes_does_not_say_whose_it_is(door: Door) -> None:
    secret = TokenStore(door.guard.database).make(door.carl, "x", (Deed.ANNOTATE,), 1, AT, door.now)
    answer = door.browser().client.get("/api/account", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    assert "carl" not in answer.text


def test_a_server_that_only_reads_lets_nobody_in(door: Door) -> None:
    api = make_api(LiveNode(door.layout), Metrics(), read_only=True)
    secret = door.guard.sessions.begin(door.ada, AT, door.now)
    before = _everything(door.layout.root)
    client = TestClient(api, base_url=BASE, follow_redirects=False)
    client.cookies.set("__Host-session", secret)
    assert "only reads" in client.get("/account/login").text
    for path in ("/account", "/account/users", "/api/account"):
        assert client.get(path).status_code == 403
    answer = client.post("/account/login", data={"name": "ada", "password": PASSWORD})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert _everything(door.layout.root) == before


def _everything(root: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(root.glob("accounts.sqlite"))]


@pytest.mark.parametrize("hours", [12, 24 * 14])
def test_a_browser_is_signed_out_by_time(door: Door, hours: int) -> None:
    browser = door.signed_in(door.ada)
    assert browser.client.get("/account").status_code == 200
    door.now += hours * 3600
    assert browser.client.get("/account").status_code == 303


def test_a_stranger_learns_nothing_of_accounts(door: Door) -> None:
    door.signed_in(door.ada).client.get("/account")
    (hashed_password,) = door.guard.database.rows("SELECT password FROM account WHERE name = 'ada'")[0]
    client = door.browser().client
    paths = ("/", "/node", "/account/login", "/account", "/account/users", "/account/audit", "/api/account",
             "/api/openapi.json", "/metrics", "/.well-known/vasculum", "/accounts.sqlite")  # fmt: skip
    for path in paths:
        told = client.get(path).text
        for secret in (door.ada.id, door.carl.id, "Carl", hashed_password, str(door.layout.root)):
            assert secret not in told
