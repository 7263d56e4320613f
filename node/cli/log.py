"""`vasculum log`."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from node.cli.log_going_on import cosign, succeed
from node.cli.main import Command, Group
from node.cli.output import Output
from node.compose import open_node
from node.errors import NodeError
from node.layout import find_node
from node.writer_lock import writer_lock

_LARGEST: Final = 64 * 1024  # bytes of a checkpoint, with all its cosignatures
_PATIENCE: Final = 30.0  # seconds


@click.group(cls=Group, help="The log that this node signs.")
def command() -> None:
    """What an operator does to the log itself."""


@command.command("restore-lock", cls=Command)
@click.option(
    "--checkpoint",
    "sources",
    multiple=True,
    required=True,
    metavar="FILE|URL",
    help="The newest checkpoint of this log that a peer or witness holds. May be given again.",
)
@click.pass_obj
def restore_lock(output: Output, sources: tuple[str, ...]) -> None:
    """Let a restored node sign again.

    Its lock file, which says how far it has signed, is part of no backup. Ask everyone who follows
    or witnesses this log for its newest checkpoint, and give them all; the biggest counts. Should
    others know more of the log than this node has, it stays shut: what it signed would be a fork.
    """
    from node.backup.newest import newest_of, read_known
    from node.keys.history import read_history

    node = open_node(find_node(output.node))
    former = read_history(node).log_keys
    known = newest_of([read_known(one, _read(one), node.log_key, former) for one in sources], node.reader)
    waiting = "Another vasculum process is writing to this node; waiting for it"
    with writer_lock(node.layout.writer_lock, on_wait=lambda: output.say(waiting)):
        head = node.log.restore_lock(known.data, former)
    fields = {
        "type": "summary", "origin": node.config.identity.origin, "logSize": head.size,
        "rootHash": head.root.hex(), "newestKnown": known.checkpoint.head.size, "from": known.where,
    }  # fmt: skip
    output.item(
        fields,
        f"{node.config.identity.origin} signs again from {head.size:,} entries on; "
        f"{known.where} knew {known.checkpoint.head.size:,}.",
    )


def _read(source: str) -> bytes:
    return _fetched(source) if urlsplit(source).scheme in ("http", "https") else _from_file(Path(source))


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise NodeError(f"{path} cannot be read: {error.strerror}.") from error


def _fetched(url: str) -> bytes:
    import httpx

    data = b""
    try:
        with httpx.stream("GET", url, timeout=_PATIENCE, follow_redirects=True) as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes(4096):
                data += chunk
                if len(data) > _LARGEST:
                    raise NodeError(f"{url} answers with more than a checkpoint.")
    except httpx.HTTPError as error:
        raise NodeError(f"{url} cannot be had: {error}") from error
    return data


command.add_command(cosign)
command.add_command(succeed)
