"""Where scripts are off: searching, looking, downloading and citing."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.slow


def test_a_specimen_is_found_seen_and_cited(site: str, chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.fill("#q", "taxon:Animalia")
    page.click("#box button")
    page.locator(".facets section li a").first.click()
    page.locator(".card > a:has(img)").first.click()
    page.locator(".card > a[href^='/image/']").first.click()
    picture = page.locator("#viewer img")
    picture.wait_for(state="visible")
    assert page.request.get(site + str(picture.get_attribute("src"))).ok
    digest = page.url.rpartition("/")[2]
    image = _saved(page, page.locator("a[href^='/blob/']"), tmp_path / "image")
    assert hashlib.sha256(image).hexdigest() == digest
    assert page.locator(".citation").first.inner_text()
    assert digest.encode() in _saved(page, page.locator("a[href*='format=bundle']"), tmp_path / "bundle")
    page.goto(f"{site}/provenance")
    page.set_input_files("input[type=file]", tmp_path / "bundle")
    page.click("form[method=post] button")
    assert page.locator("h1").inner_text() == "Verified"
    context.close()


def _saved(page: Page, link: Locator, path: Path) -> bytes:
    with page.expect_download() as download:
        link.first.click()
    download.value.save_as(path)
    return path.read_bytes()
