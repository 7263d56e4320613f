"""All pages about accounts, on the server's application."""

from __future__ import annotations

from fastapi import FastAPI

from node.web.account.entering import add_entering
from node.web.account.guard import Guard
from node.web.account.own import add_own
from node.web.account.providing import add_providing
from node.web.account.refusing import add_refusals
from node.web.account.users import add_users
from node.web.pages import Pages


def add_account(api: FastAPI, guard: Guard, pages: Pages) -> None:
    """Let people have accounts, on an application; from then on others find its guard there.

    Args:
        api: The application.
        guard: Knows who asks.
        pages: Renders, with what the guard says of who asks.
    """
    api.state.guard = guard
    add_refusals(api, pages)
    add_entering(api, guard, pages)
    add_providing(api, guard)
    add_own(api, guard, pages)
    add_users(api, guard, pages)
