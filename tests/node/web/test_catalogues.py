"""The catalogues say every text that the pages mark, with the same places for values in it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from node.web.language import FOLDER, LANGUAGES, SOURCE

_PLACES = re.compile(r"%\([a-z_]+\)[sd]|</?[a-z]+>|&[a-z]+;")
CODES = sorted(set(LANGUAGES) - {SOURCE})


@pytest.fixture(scope="module")
def tool(project_root: Path) -> dict[str, Any]:
    return runpy.run_path(str(project_root / "tools" / "catalogues"))


def _catalogue(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


@pytest.mark.parametrize("code", CODES)
def test_every_marked_text_is_translated(code: str, tool: dict[str, Any]) -> None:
    catalogue = _catalogue(code)
    said = {message.id for message in catalogue}
    missing = [message.id for message in tool["marked"]() if message.id not in said]
    assert not [*missing, *tool["untranslated"](catalogue)], "run tools/catalogues, and translate"


@pytest.mark.parametrize("code", CODES)
def test_no_translation_loses_a_value_or_a_tag(code: str) -> None:
    for message in _catalogue(code):
        ours = [message.id] if isinstance(message.id, str) else list(message.id)
        theirs = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if ours != [""]:
            expected = sorted(_PLACES.findall(ours[-1]))
            assert all(sorted(_PLACES.findall(text)) == expected for text in theirs), message.id
