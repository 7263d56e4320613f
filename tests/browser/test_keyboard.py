"""A visit from the first page to a verified citation, by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
_FARTHEST = 120  # presses of Tab; whoever needs more gives up


def test_a_specimen_is_found_seen_and_cited_by_keys(site: str, chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(site)
    _tab(page, "#q")
    page.keyboard.type("taxon:Animalia")
    _enter(page, "**/explore?q=*")
    _tab(page, ".facets section li a")
    _enter(page, "**/explore?*family=*")
    _tab(page, ".card > a:has(img)")
    _enter(page, "**/record/**")
    _tab(page, ".card > a")
    _enter(page, "**/image/**")
    _zooms(page)
    bundle = _downloaded(page, tmp_path)
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur()")
    _tab(page, ".top nav a[href='/provenance']", backwards=True)
    _enter(page, "**/provenance")
    _tab(page, "input[type=file]")
    # What opens at Enter there is the desktop's own window, which no page can lead.
    page.set_input_files(":focus", bundle)
    _tab(page, "form[method=post] button")
    _enter(page, "**/provenance/verify")
    assert page.locator("h1").inner_text() == "Verified"
    page.close()


def test_what_has_the_focus_shows_it(site: str, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{site}/explore")
    for _ in range(25):
        page.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(style) != "none", page.evaluate("document.activeElement.outerHTML")
    page.close()


def _zooms(page: Page) -> None:
    """Plus brings the picture closer: it looks another way then, and again as before after zero."""
    page.wait_for_load_state("networkidle")
    _tab(page, ".openseadragon-canvas")
    viewer = page.locator("#viewer")
    before = viewer.screenshot()
    page.keyboard.type("++")
    page.wait_for_timeout(1500)
    assert viewer.screenshot() != before


def _downloaded(page: Page, folder: Path) -> Path:
    _tab(page, "a[href*='format=bundle']")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    path = folder / "bundle.json"
    download.value.save_as(path)
    return path


def _tab(page: Page, selector: str, *, backwards: bool = False) -> None:
    for _ in range(_FARTHEST):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"Tab does not reach {selector} on {page.url}")


def _enter(page: Page, address: str) -> None:
    page.keyboard.press("Enter")
    page.wait_for_url(address)
