"""Debian's Chromium before a served node: the drawn museum's, looked at by two analyzers."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from node.cli.main import run
from node.create import create_node
from node.layout import Layout
from node.museum import Museum

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Serve

# What the header leads to, found on the first page; what this node does not have yet answers 404.
_HEADER = re.compile(r'<a (?:class="brand" )?href="(/[a-z/]*)"')


@pytest.fixture(scope="session")
def looked_at(drawings_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with records, images and findings; to be read only."""
    root = tmp_path_factory.mktemp("looked") / "node"
    create_node(Layout(root), "Test Herbarium", "herbarium.test/log")
    with (root / "node.toml").open("a") as file:
        file.write("\n[serve]\nrequests_per_second = 0\n")
    with Museum(drawings_directory) as museum:
        assert run(["--node", str(root), "--quiet", "track", museum.archive_url]) == 3
        museum.advance()
        assert run(["--node", str(root), "--quiet", "track", museum.archive_url]) == 3
    for analyzer in ("image-facts", "barcodes"):
        assert run(["--node", str(root), "--quiet", "analyze", analyzer]) == 0
    return root


@pytest.fixture(scope="module")
def site(looked_at: Path, serve: Serve) -> str:
    """The address of the node, served."""
    return serve(looked_at, "--no-jobs").url


@pytest.fixture(scope="module")
def addresses(site: str) -> dict[str, str]:
    """Every page, by a name."""
    status, front = fetched(site + "/")
    assert status == 200
    header = front[: front.index("</header>")]
    found = {path: path for path in _HEADER.findall(header) if fetched(site + path)[0] == 200}
    # With three images of the same specimen, two of them at one address in turn.
    record = _first(site, "/explore?images=yes&sort=-date", r'href="(/record/[0-9a-f]{64}/[0-9]+)"')
    image = _first(site, record, r'href="(/image/[0-9a-f]{64})"')
    digest = image.rpartition("/")[2]
    return found | {
        "some found": "/explore?q=taxon%3AAnimalia&country=DE&images=yes",
        "nothing found": "/explore?q=unicorn",
        "a filter with a mistake": "/explore?q=family%3A",
        "growth": "/explore/growth",
        "record": record,
        "image": image,
        "chain": f"/provenance?of={digest}",
        "nothing proved": "/provenance?of=" + "0" * 64,
        "compare": f"/compare?image={digest}&image={digest}",
        "compare nothing": "/compare",
        "for programs": "/api/docs",
        "not here": "/image/" + "0" * 64,
    }


@pytest.fixture(scope="module")
def chromium(needs_program: Callable[[str], str], needs_package: Callable[[str], Any]) -> Iterator[Browser]:
    """The browser. Of a module, because Playwright's loop would be in the way of other modules' own."""
    program = needs_program("chromium")
    with needs_package("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def fetched(url: str) -> tuple[int, str]:
    """Status and text of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


@pytest.fixture(scope="session")
def fetch() -> Callable[[str], tuple[int, str]]:
    """Ask for an address: status and text."""
    return fetched


def _first(site: str, page: str, link: str) -> str:
    found = re.search(link, fetched(site + page)[1])
    assert found, f"{page} has no link like {link}"
    return found[1]
