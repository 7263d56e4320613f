"""The Explore page, the suggestions of its box, and the curves of how all has grown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams

from manifests.errors import FilterRefused
from manifests.filter import Filter, written
from node.checklists.use import by_checklist, only_own
from node.compose import Node
from node.errors import ChecklistError, SearchBusy, SearchNotReady, SearchRefused
from node.search.desk import SearchDesk
from node.search.suggest import Suggestion, suggestions
from node.web.explore.map import draw
from node.web.explore.question import Choice, Question, UnreadableQuestion, read_question
from node.web.explore.view import View, look
from node.web.pages import Pages

_MOST: Final = 8
_LONGEST_BEGINNING: Final = 80


def add_explore(api: FastAPI, live: Callable[[], Node], desk: SearchDesk, pages: Pages) -> None:
    """Show the records, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        desk: Where this worker asks.
        pages: Renders.
    """

    @api.get("/explore", include_in_schema=False)
    def explore(request: Request) -> Response:
        """A question, and what the records answer."""
        return _explore(request, live(), desk, pages)

    @api.get("/explore/suggestions", include_in_schema=False)
    def suggested(request: Request) -> Response:
        """What begins like the last word of the box."""
        beginning = request.query_params.get("q", "")[:_LONGEST_BEGINNING].strip()
        found: tuple[Suggestion, ...] = ()
        if beginning:
            try:
                with desk.query() as query:
                    found = suggestions(query, beginning, _MOST)
            except (SearchBusy, SearchNotReady, SearchRefused):
                found = ()
        return pages.page(request, "explore/suggestions.html", suggestions=found)


def _explore(request: Request, node: Node, desk: SearchDesk, pages: Pages) -> Response:
    query = request.query_params
    try:
        question = read_question(query)
        view = _view(node, desk, question, query.get("sort", "name"), query.get("after") or None)
    except (FilterRefused, SearchRefused, UnreadableQuestion, ChecklistError) as error:
        return pages.page(request, "explore/refused.html", 400, problem=str(error), words=query.get("q", ""))
    except (SearchNotReady, SearchBusy) as error:
        return pages.page(request, "explore/later.html", 503, problem=str(error), words=query.get("q", ""))
    return pages.page(
        request,
        "explore/page.html",
        question=question,
        view=view,
        map=draw(view.cells, view.side, question.box),
        text="" if question.tree is None else written(question.tree),
        choose=_toggled,
        chose=lambda asked, facet, value: Choice(facet, value) in asked.chosen,
    )


def _toggled(query: QueryParams, facet: str, value: str) -> str:
    """The query with a value of a facet chosen, or not any more if it was; from its first page."""
    kept = [(name, said) for name, said in query.multi_items() if name != "after"]
    chosen = (facet, value)
    return "?" + urlencode([one for one in kept if one != chosen] if chosen in kept else [*kept, chosen])


def _view(node: Node, desk: SearchDesk, question: Question, sort: str, after: str | None) -> View:
    tree: Filter | None = question.tree
    if tree is not None:
        tree = only_own(node, by_checklist(node, tree))
    with desk.query() as query:
        return look(query, tree, question.box, images=question.images, sort=sort, after=after)
