"""`vasculum user`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from node.cli.main import Command, Group
from node.cli.output import Output

if TYPE_CHECKING:
    from node.accounts.database import Who
    from node.small_database import SmallDatabase

_ROLES = ("reader", "contributor", "reviewer", "operator")
_SCOPES = ("account", "annotate", "dataset", "review", "operate")
_role = click.Choice(_ROLES)


@click.group(cls=Group, help="See to accounts: who may sign in, and what they may do.")
def command() -> None:
    """Accounts of people who sign in on the node's pages, and tokens of their programs."""


@command.command("add", cls=Command)
@click.argument("name")
@click.option("--shown", metavar="TEXT", help="The name that others see. Default: NAME.")
@click.option("--role", type=_role, default="reader", show_default=True, help="What they may do.")
@click.pass_obj
def add(output: Output, name: str, shown: str | None, role: str) -> None:
    """Make an account; its password is asked for, or read as a line from standard input."""
    from node.accounts.names import read_name, read_password, read_shown
    from node.accounts.passwords import hashed
    from node.accounts.people import AccountStore, NewAccount
    from node.accounts.roles import Role

    database, who = _accounts(output)
    known = read_name(name)
    seen = read_shown(shown or known)
    password = hashed(read_password(_typed_password(), known))
    made = AccountStore(database).add(NewAccount(known, seen, Role(role), password), who, time.time())
    words = f"{made.name} may sign in, as {made.role}. In signed statements: {made.agent}"
    output.item({"type": "summary", **made.document}, words)


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List the accounts."""
    from node.accounts.people import AccountStore

    accounts = AccountStore(_accounts(output)[0]).all()
    for one in accounts:
        locked = "  locked out" if one.disabled else ""
        fields = {"type": "account", **one.document}
        output.item(fields, f"{one.name:<20} {one.role:<12} {one.shown}  {one.agent}{locked}")
    if output.json:
        output.item({"type": "summary", "accounts": len(accounts)})
    elif not accounts:
        output.say("Nobody has an account yet. Make one: vasculum user add NAME --role operator")


@command.command("role", cls=Command)
@click.argument("name")
@click.argument("role", type=_role)
@click.pass_obj
def role(output: Output, name: str, role: str) -> None:
    """Give NAME another ROLE; it counts from their next request on."""
    from node.accounts.people import AccountStore
    from node.accounts.roles import Role

    database, who = _accounts(output)
    store = AccountStore(database)
    store.set_role(store.require(name), Role(role), who, time.time())
    fields = {"type": "summary", **store.require(name).document}
    output.item(fields, f"{name} is {role} now.")


@command.command("password", cls=Command)
@click.argument("name")
@click.pass_obj
def password(output: Output, name: str) -> None:
    """Give NAME another password, and sign them out everywhere."""
    from node.accounts.names import read_password
    from node.accounts.passwords import hashed
    from node.accounts.people import AccountStore

    database, who = _accounts(output)
    store = AccountStore(database)
    account = store.require(name)
    store.set_password(account, hashed(read_password(_typed_password(), account.name)), who, time.time())
    output.item({"type": "summary", **account.document}, f"{name} has another password, and is signed out.")


@command.command("disable", cls=Command)
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let them in again.")
@click.pass_obj
def disable(output: Output, name: str, undo: bool) -> None:
    """Lock NAME out, at once, with all sessions and tokens; what they said stays theirs."""
    from node.accounts.people import AccountStore

    database, who = _accounts(output)
    store = AccountStore(database)
    store.set_disabled(store.require(name), not undo, who, time.time())
    fields = {"type": "summary", **store.require(name).document}
    output.item(fields, f"{name} may sign in again." if undo else f"{name} is locked out.")


@command.command("token", cls=Command)
@click.argument("name")
@click.option("--label", metavar="TEXT", help="What it is for; without it, the tokens are listed.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(_SCOPES), help="What it may do; repeatable."
)
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it lasts.")
@click.option("--revoke", metavar="ID", help="End this token instead.")
@click.pass_obj
def token(
    output: Output, name: str, label: str | None, scopes: tuple[str, ...], days: int, revoke: str | None
) -> None:
    """Make a token for programs of NAME, shown this once; list them; or end one."""
    from node.accounts.people import AccountStore
    from node.accounts.roles import Deed
    from node.accounts.tokens import TokenStore

    database, who = _accounts(output)
    account, store, now = AccountStore(database).require(name), TokenStore(database), time.time()
    if revoke is not None:
        store.revoke(account, revoke, who, now)
        output.item({"type": "summary", "revoked": revoke}, f"{revoke} counts no more.")
    elif label is not None:
        secret = store.make(account, label, tuple(Deed(scope) for scope in scopes), days, who, now)
        output.item({"type": "summary", "account": account.id, "token": secret, "days": days}, secret)
        output.say("It is not shown again. Programs send it as: Authorization: Bearer TOKEN")
    else:
        listed = store.listed(account, now)
        for one in listed:
            words = f"{one.id}  {one.label}: {', '.join(one.scopes)}; until {one.expires}"
            output.item({"type": "token", **one.document}, words)
        if output.json:
            output.item({"type": "summary", "tokens": len(listed)})


@command.command("audit", cls=Command)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, metavar="N")
@click.pass_obj
def audit(output: Output, limit: int) -> None:
    """Tell what was done with accounts, the newest first."""
    from node.accounts.database import trail
    from node.accounts.people import AccountStore

    database, _ = _accounts(output)
    names = {account.id: account.name for account in AccountStore(database).all()}
    entries = trail(database, limit)
    for one in entries:
        subject = names.get(one.subject, one.subject) if one.subject else ""
        words = f"{one.number:>6}  {one.at}  {names.get(one.actor, one.actor)}  {one.deed}  {subject}"
        output.item({"type": "entry", **one.document}, f"{words}  {one.detail or ''}  {one.client}".rstrip())
    if output.json:
        output.item({"type": "summary", "entries": len(entries)})


def _accounts(output: Output) -> tuple[SmallDatabase, Who]:
    """The accounts of the node that is meant, and who sits at the machine."""
    import getpass

    from node.accounts.database import AT_THE_MACHINE, Who, accounts_database
    from node.compose import open_node
    from node.layout import find_node

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        user = ""
    node = open_node(find_node(output.node))
    return accounts_database(node.layout.accounts), Who(f"{AT_THE_MACHINE} {user}".rstrip())


def _typed_password() -> str:
    """A password by prompt, or as the first line of what is piped in; never out of the arguments."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
