"""`vasculum status`."""

from __future__ import annotations

import click

from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node
from node.look.status import status


@click.command(cls=Command)
@click.pass_obj
def command(output: Output) -> None:
    """Say who this node is, what it holds, and whether a crawl was cut short."""
    node = open_node(find_node(output.node))
    fields = status(node)
    unfinished = fields["unfinished"]
    lines = [
        f"{fields['name']}",
        f"  node      {fields['node']}",
        f"  signs as  {fields['identity']}",
        f"  log       {fields['origin']}, {fields['logSize']} entries",
        f"  log key   {fields['logKey']}",
        f"  holds     {fields['blobs']:,} blobs, {fields['bytes']:,} bytes",
        "  rows      " + ", ".join(f"{count:,} {table}" for table, count in fields["rows"].items()),
        f"  sources   {fields['sources']:,}, {fields['crawls']:,} crawls",
    ]
    if fields["unlinkedMedia"]:
        lines.append(
            f"  unlinked  {fields['unlinkedMedia']:,} media name a specimen that their source lacks: "
            "`ls images` and slices have them, `search` does not"
        )
    for log in fields["following"]:
        state = f"FROZEN: {log['frozen']}" if log["frozen"] else f"synced {log['synced'] or 'never'}"
        lines.append(f"  follows   {log['institution']}: {log['origin']}, {log['logSize']} entries, {state}")
    lines += [f"  cut short {crawl['location']}: `vasculum track` it again to go on" for crawl in unfinished]
    output.item({"type": "status", **fields}, "\n".join(lines))
