"""`vasculum equivocation`."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.exits import Exit
from node.cli.main import Command, Group
from node.cli.output import Output


@click.group(cls=Group)
def command() -> None:
    """Proofs that a log has signed two histories."""


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List the proofs that this node has found, as a follower or as a witness."""
    from node.compose import open_node
    from node.layout import find_node
    from node.witness.proofs import kept_proofs

    proofs = kept_proofs(open_node(find_node(output.node)))
    for origin, digest, _ in proofs:
        output.item({"type": "equivocation", "origin": origin, "proof": digest.uri}, f"{origin}  {digest}")
    output.item({"type": "summary", "proofs": len(proofs)})


@command.command("show", cls=Command)
@click.argument("origin")
@click.pass_obj
def show(output: Output, origin: str) -> None:
    """Write the proof against the log ORIGIN to standard output: a file that anyone can check."""
    from node.compose import open_node
    from node.errors import NotFound
    from node.layout import find_node
    from node.witness.proofs import kept_proofs

    for _, _, data in kept_proofs(open_node(find_node(output.node)), origin):
        click.echo(data.decode(), nl=False)
        return
    raise NotFound(f"There is no proof here that the log {origin} contradicts itself.")


@command.command("publish", cls=Command)
@click.argument("origin")
@click.pass_obj
def publish(output: Output, origin: str) -> None:
    """Say in this node's log that the log ORIGIN has signed two histories, and name the proof."""
    from node.cli.cosigning import ask_witnesses
    from node.compose import open_node
    from node.layout import find_node
    from node.witness.proofs import accuse

    node = open_node(find_node(output.node))
    with node.writing(lambda: output.say("Waiting for another vasculum process to end")):
        digest, index = accuse(node, origin)
    fields = {"type": "summary", "origin": origin, "proof": digest.uri, "logIndex": index}
    output.item(fields, f"Log entry {index} says that {origin} contradicts itself: {digest}")
    ask_witnesses(output, node)


@command.command("verify", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    metavar="KEY",
    help="A verifier key of the log, <origin>+<id>+<base64>, got from elsewhere. May be given several times.",
)
@click.pass_obj
def verify(output: Output, file: Path, keys: tuple[str, ...]) -> Exit:
    """Check a proof, offline: that KEY signed both checkpoints and that they cannot both be true."""
    from provenance.errors import ProvenanceError
    from provenance.keys import VerifierKey
    from provenance.log.checkpoint import open_checkpoint
    from provenance.witness import check_equivocation, decode_equivocation
    from provenance.witness.equivocation_form import LARGEST_PROOF

    known = [VerifierKey.parse(key) for key in keys]
    with file.open("rb") as stream:
        data = stream.read(LARGEST_PROOF + 1)
    try:
        origin = check_equivocation(decode_equivocation(data), lambda note: open_checkpoint(note, *known))
    except ProvenanceError as error:
        output.item({"type": "verdict", "proved": False, "reason": str(error)}, f"NOT PROVED: {error}")
        return Exit.VERIFICATION_FAILED
    output.item(
        {"type": "verdict", "proved": True, "origin": origin}, f"PROVED: {origin} contradicts itself."
    )
    return Exit.OK
