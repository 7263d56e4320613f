"""`vasculum watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from node.cli.filtering import filter_of
from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

if TYPE_CHECKING:
    from node.notices.model import Subscriber, Watch
    from node.notices.store import NoticeStore


@click.group(cls=Group, help="Be told of new images under a filter, or new versions of a dataset.")
def command() -> None:
    """Saved filters and datasets, with a feed, webhooks and mail."""


def _channels(function: Any) -> Any:
    for option in (
        click.option("--mail", "mails", multiple=True, metavar="ADDRESS", help="Send mail; repeatable."),
        click.option("--webhook", "webhooks", multiple=True, metavar="URL", help="Call this; repeatable."),
    ):
        function = option(function)
    return function


@command.command("add", cls=Command)
@click.argument("name")
@click.argument("filter_text", metavar="[FILTER|@FILE]", required=False)
@click.option("--dataset", metavar="H", help="Watch a dataset, in place of a filter.")
@_channels
@click.option("--no-feed", is_flag=True, help="Do not show it to everybody as a feed.")
@click.pass_obj
def add(
    output: Output, name: str, filter_text: str | None, dataset: str | None, webhooks: tuple[str, ...],
    mails: tuple[str, ...], no_feed: bool,
) -> None:  # fmt: skip
    """Watch what FILTER names from now on, under NAME.

    `vasculum serve` shows it as an Atom feed, with NAME and FILTER, unless --no-feed is given. A webhook is
    signed with a secret that is told here once; give it to whoever receives the calls.
    """
    from node.notices.add import add_watch

    if (filter_text is None) == (dataset is None):
        raise click.UsageError("Give either a filter or --dataset.")
    node = open_node(find_node(output.node))
    _check(webhooks, mails)
    written = None if filter_text is None else filter_of(filter_text)
    watch = add_watch(node, name, written, dataset, feed=not no_feed)
    output.item(_fields(watch), f"Watching {one_line(watch.name)}: {_about(watch)}")
    _tell(output, _store(output), watch, webhooks, mails)


@command.command("tell", cls=Command)
@click.argument("name")
@_channels
@click.pass_obj
def tell(output: Output, name: str, webhooks: tuple[str, ...], mails: tuple[str, ...]) -> None:
    """Tell more people of what is watched under NAME."""
    store = _store(output)
    _check(webhooks, mails)
    _tell(output, store, store.watch(name), webhooks, mails)


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List what is watched, and who is told."""
    store, listed = _store(output), 0
    for watch in store.watches():
        listed += 1
        told = store.subscribers(watch.id)
        lines = [f"{one_line(watch.name)}: {_about(watch)}", *(f"  {t.channel} {t.address}" for t in told)]
        fields = {**_fields(watch), "told": [{"channel": t.channel, "address": t.address} for t in told]}
        output.item(fields, "\n".join(lines))
    if output.json:
        output.item({"type": "summary", "listed": listed})
    elif not listed:
        output.say("Nothing is watched.")


@command.command("show", cls=Command)
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N")
@click.pass_obj
def show(output: Output, name: str, limit: int) -> None:
    """Show what was new, the newest first."""
    store = _store(output)
    watch = store.watch(name)
    output.item(_fields(watch), f"{one_line(watch.name)}: {_about(watch)}")
    events = store.events(watch, limit)
    for event in events:
        fields = {"type": "event", "id": event.id, "at": event.at, "title": event.title, "added": event.added,
                  "removed": event.removed, "state": dict(event.state)}  # fmt: skip
        output.item(fields, f"{event.at}  {one_line(event.title)}")
    if output.json:
        output.item({"type": "summary", "listed": len(events)})


@command.command("rm", cls=Command)
@click.argument("name")
@click.pass_obj
def remove(output: Output, name: str) -> None:
    """Watch NAME no more; its feed is gone, and nobody is told."""
    store = _store(output)
    watch = store.watch(name)
    store.remove(watch)
    output.item({**_fields(watch), "removed": True}, f"{one_line(watch.name)} is no longer watched.")


def _store(output: Output) -> NoticeStore:
    from node.notices.store import NoticeStore

    return NoticeStore(find_node(output.node).notices)


def _check(webhooks: tuple[str, ...], mails: tuple[str, ...]) -> None:
    """All of them, before anything is kept."""
    from node.notices.mail import check_address
    from node.notices.webhook import check_url

    for url in webhooks:
        check_url(url)
    for address in mails:
        check_address(address)


def _tell(
    output: Output, store: NoticeStore, watch: Watch, webhooks: tuple[str, ...], mails: tuple[str, ...]
) -> None:
    from node.notices.model import Channel
    from node.notices.webhook import new_secret

    for url in webhooks:
        _told(output, store.subscribe(watch, Channel.WEBHOOK, url, new_secret()))
    for address in mails:
        _told(output, store.subscribe(watch, Channel.MAIL, address, ""))


def _told(output: Output, who: Subscriber) -> None:
    fields = {"type": "subscriber", "id": who.id, "channel": who.channel, "address": who.address}
    secret = {"secret": who.secret} if who.secret else {}
    shown = f"  {who.channel} {who.address}" + (f", secret {who.secret}" if who.secret else "")
    output.item({**fields, **secret}, shown)


def _about(watch: Watch) -> str:
    """What is watched, and under which path `vasculum serve` has its feed."""
    from manifests.filter import read_filter, written
    from node.notices.feeds import watch_path

    what = one_line(written(read_filter(watch.filter))) if watch.filter else f"dataset {watch.dataset}"
    return f"{what}\n  feed {watch_path(watch)}" if watch.feed else what


def _fields(watch: Watch) -> dict[str, Any]:
    from node.notices.feeds import watch_path

    return {
        "type": "watch",
        "id": watch.id,
        "name": watch.name,
        "filter": watch.filter,
        "dataset": watch.dataset,
        "feed": watch_path(watch) if watch.feed else None,
        "added": watch.added,
    }
