"""A new dataset: counts and licences as somebody types, and the command that makes it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.cli.dataset import create
from node.web.datasets.wish import Wish

if TYPE_CHECKING:
    from tests.node.web.datasets.conftest import Shelf

Page = Callable[..., str]


def test_a_filter_is_counted_as_the_dataset_of_it_is(page: Page) -> None:
    text = page("/datasets/new?" + urlencode({"filter": "year<1950", "license": "CC-BY-NC-4.0"}))
    assert "<strong>10</strong> images" in text
    assert re.search(r"CC-BY-4\.0</td><td class=\"number\">8<", text)
    assert "go together" in text


def test_licences_that_do_not_go_together_are_told(page: Page) -> None:
    text = page("/datasets/new?license=CC-BY-4.0")
    assert "do not go together" in text
    assert "<strong>24</strong> images" in text


def test_the_command_is_the_one_that_makes_it(page: Page) -> None:
    asked = {"filter": "year<1950", "title": "It's; old", "label_by": "family", "split": "80/10/10"}
    text = page("/datasets/new?" + urlencode(asked))
    [command] = re.findall(r'<pre id="command"><code>(.*?)</code>', text, re.DOTALL)
    assert shlex.split(unescape(command)) == [
        "vasculum", "dataset", "create", "--title", "It's; old", "--license", "CC-BY-4.0", "--filter",
        "year<1950", "--label-by", "family", "--split", "80/10/10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "asked", [{"filter": "year<<1950"}, {"license": "Mine"}, {"filter": 'text:"' + "x" * 20}]
)
def test_a_mistake_is_explained(shelf: Shelf, page: Page, asked: dict[str, str]) -> None:
    path = "/datasets/new?" + urlencode(asked)
    assert shelf.ask.get(path).status_code == 400
    shown = page(path, **{"hx-request": "true"})
    assert "It cannot be made so" in shown
    assert 'id="command"' not in shown


def test_a_split_with_a_mistake_is_explained(page: Page) -> None:
    assert "80/10/10; not" in unescape(page("/datasets/new?split=80"))


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


@given(
    st.builds(
        Wish, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, _TEXT, st.just("80/10/10"), st.booleans(), st.booleans()
    )
)
def test_a_shell_gives_the_program_what_was_typed(wish: Wish) -> None:
    _, _, _, *arguments = shlex.split(wish.command)
    context = create.make_context("create", arguments, resilient_parsing=True)
    assert context.params["title"] == (wish.title or "TITLE")
    assert (context.params["text"] or "") == wish.filter
    assert (context.params["description"] or "") == wish.description
    assert context.params["allow_unknown"] == wish.unknown
