"""Every page as axe-core judges it: wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
_NOT_BEARABLE = {"serious", "critical"}
# Colours are all that a dark desktop changes.
_COLOURS = {"runOnly": ["color-contrast"]}


@pytest.mark.parametrize("width", [1280, 400])
def test_no_page_has_a_serious_finding(
    width: int, site: str, addresses: dict[str, str], chromium: Browser, needs_package: Callable[[str], Any]
) -> None:
    script = needs_package("axe_playwright_python.base").AXE_SCRIPT
    page = chromium.new_page(viewport={"width": width, "height": 900})
    found = []
    for name, address in addresses.items():
        page.emulate_media(color_scheme="light")
        page.goto(site + address, wait_until="networkidle")
        page.evaluate(script)
        found += [f"{name}, light: {one}" for one in _findings(page, {})]
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(200)  # colours fade over
        found += [f"{name}, dark: {one}" for one in _findings(page, _COLOURS)]
    page.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [1280, 400])
def test_no_page_is_wider_than_its_window(
    width: int, site: str, addresses: dict[str, str], chromium: Browser
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    for name, address in addresses.items():
        for language in ("en", "fr", "en-XA"):
            page.goto(f"{site}{address}{'&' if '?' in address else '?'}lang={language}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} in {language} is {wide} pixels wide"
    page.close()


def _findings(page: Page, options: dict[str, Any]) -> list[str]:
    judged = page.evaluate("options => axe.run(options)", options)
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
        for one in judged["violations"]
        if one["impact"] in _NOT_BEARABLE
    ]
