"""The page of a new dataset: a form, what would come of it, and the command that makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from manifests.errors import FilterRefused, LicencesRefused
from manifests.filter import read_filter
from node.checklists.use import by_checklist, only_own
from node.compose import Node
from node.errors import ChecklistError, SearchBusy, SearchNotReady, SearchRefused
from node.search.desk import SearchDesk
from node.web.datasets.counts import Counts, count_wish
from node.web.datasets.wish import LABELS, LICENCES, Wish, read_wish
from node.web.pages import Pages

_REFUSED: Final = (FilterRefused, SearchRefused, ChecklistError, LicencesRefused)
_LATER: Final = (SearchNotReady, SearchBusy)


def add_builder(api: FastAPI, live: Callable[[], Node], desk: SearchDesk, pages: Pages) -> None:
    """Show what a new dataset would be, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        desk: Where this worker asks.
        pages: Renders.
    """

    @api.get("/datasets/new", include_in_schema=False)
    def new(request: Request) -> Response:
        """The form as it was filled in, counts, licences and the command."""
        wish = read_wish(request.query_params)
        counts, problem, status = None, wish.problem, 200
        try:
            counts = _counted(live(), desk, wish)
        except _REFUSED as error:
            problem, status = str(error), 400
        except _LATER as error:
            problem, status = str(error), 503
        # What htmx puts in as somebody types has to be shown, mistake or not.
        status = 200 if request.headers.get("hx-request") == "true" else status
        return pages.page(
            request, "datasets/new.html", status, wish=wish, counts=counts, problem=problem,
            licences=LICENCES, labels=LABELS,
        )  # fmt: skip


def _counted(node: Node, desk: SearchDesk, wish: Wish) -> Counts:
    tree = None
    if wish.filter:
        tree = only_own(node, by_checklist(node, read_filter(wish.filter)))
    with desk.query() as query:
        return count_wish(query, tree, wish.license)
