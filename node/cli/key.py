"""`vasculum key`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from node.cli.main import Command, Group
from node.cli.output import Output

if TYPE_CHECKING:
    from provenance.key_history import KeyHistory


@click.group(cls=Group)
def command() -> None:
    """The keys that this node signs with, and those it signed with before."""


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List the keys of this node's log: which signed from which entry on, which are void."""
    from node.compose import open_node
    from node.keys.history import read_history
    from node.layout import find_node

    history = read_history(open_node(find_node(output.node)))
    for fields in _spans(history):
        void = "" if fields["voidFrom"] is None else f", void from entry {fields['voidFrom']} on"
        state = "active" if fields["active"] else f"former{void}"
        output.item(fields, f"{fields['role']:<9} from entry {fields['from']:>5}  {fields['key']}  {state}")
    output.item({
        "type": "summary",
        "origin": history.origin,
        "identity": history.identity.did,
        "logKey": str(history.log_key),
        "nextIdentityKey": history.next_identity.uri if history.next_identity else None,
        "nextLogKey": history.next_log.uri if history.next_log else None,
        "postQuantumKey": str(history.post_quantum[-1][1]) if history.post_quantum else None,
    })  # fmt: skip


def _spans(history: KeyHistory) -> list[dict[str, Any]]:
    return [
        {
            "type": "key",
            "role": role,
            "key": span.key.did,
            "from": span.start,
            "active": span is spans[-1],
            "voidFrom": span.void_from,
            "committed": span.committed,
        }
        for role, spans in (("identity", history.identities), ("log", history.logs))
        for span in spans
    ]


@command.command("rotate", cls=Command)
@click.option("--identity", is_flag=True, help="Change the key that signs statements.")
@click.option("--log", is_flag=True, help="Change the key that signs the log's checkpoints.")
@click.pass_obj
def rotate(output: Output, identity: bool, log: bool) -> None:
    """Change this node's keys to those that its log had committed to; without an option, both.

    The private halves of the next keys, keys/next-identity.pem and keys/next-log.pem, are best kept
    somewhere else until then: whoever steals a key from this machine cannot change it without them.
    """
    from node.cli.cosigning import ask_witnesses
    from node.compose import open_node
    from node.keys.rotate import rotate as change
    from node.layout import find_node
    from provenance.statement.kinds import KeyRole

    node = open_node(find_node(output.node))
    chosen = {KeyRole.IDENTITY: identity or not log, KeyRole.LOG: log or not identity}
    with node.writing(lambda: output.say("Waiting for another vasculum process to end")):
        done = [change(node, role) for role, wanted in chosen.items() if wanted]
    for each in done:
        fields = {
            "type": "keyChange",
            "role": str(each.role),
            "old": each.old.did,
            "new": each.new.did,
            "committed": each.committed,
            "logIndex": each.log_index,
        }
        words = f"The {each.role} key is {each.new} now, by log entry {each.log_index}."
        output.item(fields, words)
        if not each.committed:
            output.say("This log had not committed to the key: the old key alone vouches for the change.")
    output.item({"type": "summary", "identity": node.identity_public.did, "logKey": str(node.log_key)})
    output.say(
        f"The next keys are in {node.layout.next_log_key.parent}. Move next-*.pem to a safe place, "
        "and publish the log key anew."
    )
    ask_witnesses(output, node)


@command.command("revoke", cls=Command)
@click.argument("key")
@click.option(
    "--from",
    "void_from",
    type=click.IntRange(1),
    metavar="ENTRY",
    help="The first log entry (for a log key: the first tree size) at which its signature counts no more. "
    "Default: where it was changed.",
)
@click.pass_obj
def revoke(output: Output, key: str, void_from: int | None) -> None:
    """Say that someone else has a former KEY, and from where on its signatures do not count.

    A key that is still in use is changed first: `vasculum key rotate`. The next identity key has to be in
    keys/next-identity.pem and signs this, too: who has stolen the present key takes nothing back with it.
    """
    from node.cli.cosigning import ask_witnesses
    from node.compose import open_node
    from node.errors import NodeError
    from node.keys.history import read_history
    from node.keys.rotate import revoke as declare_void
    from node.layout import find_node
    from provenance.keys import parse_public_key
    from provenance.statement.kinds import KeyRole

    node, public = open_node(find_node(output.node)), parse_public_key(key)
    history = read_history(node)
    if public in (history.identity, history.log_key.key):
        raise NodeError(f"{public} signs for this node now. Change it first: vasculum key rotate")
    role = KeyRole.LOG if public in {span.key for span in history.logs} else KeyRole.IDENTITY
    with node.writing(lambda: output.say("Waiting for another vasculum process to end")):
        index = declare_void(node, role, public, void_from)
    fields = {"type": "summary", "role": str(role), "revoked": public.did, "logIndex": index}
    output.item(fields, f"The former {role} key {public} is void, by log entry {index}.")
    ask_witnesses(output, node)
