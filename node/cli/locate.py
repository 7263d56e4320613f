"""`vasculum locate`."""

from __future__ import annotations

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import bring_bitmaps
from node.compose import open_node
from node.layout import find_node


@click.command(cls=Command)
@click.argument("identifiers", metavar="H...", nargs=-1, required=True)
@click.pass_obj
def command(output: Output, identifiers: tuple[str, ...]) -> Exit:
    """Tell who holds H: this node, nodes that claim to, and logs that once received it.

    A claim that an audit by this node has refuted is left out. Exit code 3 means that nobody is known.
    """
    from hashstore.digest import Digest
    from hashstore.errors import MalformedDigest
    from node.errors import NotFound
    from node.look.resolve import resolve
    from node.slices.locate import locate

    node, nowhere = open_node(find_node(output.node)), 0
    bring_bitmaps(node, output)
    with node.index() as index:
        for text in identifiers:
            try:
                digest = Digest.parse(text)
            except MalformedDigest:
                found = getattr(resolve(node, index, text), "digest", None)
                if found is None:
                    raise NotFound(f"{text} names a row; give the digest of bytes.") from None
                digest = found
            holders = locate(node, index, [digest])[digest]
            nowhere += not holders
            for holder in holders:
                fields = {
                    "type": "holder",
                    "digest": digest.uri,
                    "origin": holder.origin,
                    "how": str(holder.how),
                    "urls": list(holder.urls),
                    "claim": holder.claim.uri if holder.claim else None,
                    "slice": holder.slice.uri if holder.slice else None,
                }
                where = " ".join(holder.urls)
                output.item(fields, f"{digest.hex[:12]}  {holder.how:<8}  {holder.origin}  {where}".rstrip())
            if not holders:
                output.say(f"Nobody is known to hold {digest}.")
    if output.json:
        output.item({"type": "summary", "asked": len(identifiers), "nowhere": nowhere})
    return Exit.PARTIAL if nowhere else Exit.OK
