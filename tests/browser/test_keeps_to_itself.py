"""A page loads nothing from elsewhere, and runs nothing that its policy forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


def test_no_page_asks_elsewhere_or_complains(site: str, addresses: dict[str, str], chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name, address in addresses.items():
        complaints.clear()
        answer = page.goto(site + address, wait_until="networkidle")
        assert answer is not None
        # Chromium itself notes every page that is answered by 404 or 400.
        own = f"status of {answer.status}"
        assert not [text for text in complaints if answer.ok or own not in text], name
    page.close()
    assert asked
    assert {url for url in asked if not url.startswith((f"{site}/", "data:", "blob:"))} == set()
