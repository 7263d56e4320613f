"""Somebody signs in at npm's oidc-provider, which demands PKCE, and comes back with an account."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from node.accounts.people import AccountStore
from node.accounts.roles import Role
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics

pytestmark = pytest.mark.slow

_HERE = Path(__file__).with_name("oidc")
_BASE = "https://node.example"
_BACK = f"{_BASE}/account/oidc/callback"


@pytest.fixture(scope="module")
def issuer(
    npm_packages: Callable[[Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
    unused_port: Callable[[], int],
) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("oidc"), unused_port()
    for name in ("package.json", "provider.js"):
        shutil.copy(_HERE / name, folder)
    (folder / "node_modules").symlink_to(npm_packages(_HERE))
    command = ["node", "provider.js", str(port), _BACK]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            while (line := process.stdout.readline()) and b"ready" not in line:
                pass
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def node(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Node:
    made = create_node(
        Layout(tmp_path_factory.mktemp("oidc") / "node"), "Test Herbarium", "herbarium.test/log"
    )
    with made.layout.config.open("a") as file:
        file.write(
            f'\n[accounts.oidc]\nissuer = "{issuer}"\nclient_id = "vasculum"\n'
            'client_secret = "a secret of this test"\nname = "The Institution"\nrole = "contributor"\n'
        )
    return made


@pytest.fixture
def browser(node: Node) -> TestClient:
    return TestClient(make_api(LiveNode(node.layout), Metrics()), base_url=_BASE, follow_redirects=False)


def _vouched(place: str, name: str) -> str:
    """What a person does at the provider: sign in and agree; returns where it sends the browser."""
    with httpx.Client(timeout=20) as person:
        answer = person.get(place)
        while True:
            if answer.is_redirect:
                place = urljoin(str(answer.url), answer.headers["location"])
                if place.startswith(_BACK):
                    return place
                answer = person.get(place)
                continue
            form = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert form, answer.text
            assert prompt, answer.text
            fields = {"prompt": prompt[1], "login": name, "password": "any"}
            answer = person.post(urljoin(str(answer.url), form[1]), data=fields)


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_who_signs_in_there_has_an_account_here(node: Node, browser: TestClient) -> None:
    assert "The Institution" in browser.get("/account/login?next=/explore").text
    place = browser.get("/account/oidc?next=/explore").headers["location"]
    asked = parse_qs(urlsplit(place).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    back = _vouched(place, "ada")
    answer = browser.get(_path(back))
    assert (answer.status_code, answer.headers["location"]) == (303, "/explore"), answer.text
    me = browser.get("/api/account").json()
    assert (me["role"], me["shown"], me["agent"]) == (
        "contributor", "Dr ada", "https://orcid.org/0000-0002-1825-0097",
    )  # fmt: skip
    assert browser.get(_path(back)).status_code == 400, "an answer counts once"
    again = browser.get("/account/oidc").headers["location"]
    assert browser.get(_path(_vouched(again, "ada"))).status_code == 303
    accounts = AccountStore(browser.app.state.guard.database).all()  # type: ignore[attr-defined]
    assert [account.role for account in accounts] == [Role.CONTRIBUTOR]


def test_an_answer_that_another_browser_asked_for_counts_for_nothing(node: Node, browser: TestClient) -> None:
    back = _vouched(browser.get("/account/oidc").headers["location"], "eve")
    victim = TestClient(browser.app, base_url=_BASE, follow_redirects=False)
    victim.get("/account/login")
    assert victim.get(_path(back)).status_code == 400
    assert victim.get("/account").status_code == 303
    changed = re.sub(r"code=[^&]+", "code=another", _path(back))
    assert browser.get(changed).status_code == 400
    assert browser.get("/account").status_code == 303


def test_an_answer_of_another_issuer_counts_for_nothing(node: Node, browser: TestClient) -> None:
    back = _vouched(browser.get("/account/oidc").headers["location"], "eve")
    mixed = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", _path(back))
    assert "evil" in mixed
    assert browser.get(mixed).status_code == 400
