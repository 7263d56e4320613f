"""`vasculum history H`."""

from __future__ import annotations

from typing import Any

import click

from hashstore.digest import Digest
from node.cli.main import Command
from node.cli.output import Output
from node.compose import open_node
from node.layout import find_node
from node.look.account import Account, account_of
from node.look.derived import Derivation
from node.look.describe import written
from node.look.history import Origin
from node.policy import Principal


@click.command(cls=Command)
@click.argument("identifier", metavar="H")
@click.option(
    "--graph",
    type=click.Choice(["jsonld", "nquads", "turtle"]),
    help="Print the signed graph behind H instead, for RDF tools.",
)
@click.pass_obj
def command(output: Output, identifier: str, graph: str | None) -> None:
    """Tell where H came from, back to the line of the published file.

    For an image: when it was fetched, from which address and with what answer, which records name it,
    in which archive they stand, which crawl that was, who signed it and where it is in the log.
    """
    node = open_node(find_node(output.node))
    with node.index() as index:
        account = account_of(node, index, identifier, Principal.OPERATOR)
        if graph is not None:
            from node.look.graph import graph_of

            click.echo(graph_of(node, index, account, graph), nl=False)
            return
    for made in account.derivations:
        output.item({"type": "derivation", **made.fields}, _made(made))
    for origin in account.origins:
        output.item(_fields(origin), _story(origin))
    summary = {
        "type": "summary",
        "of": account.identifier,
        "origins": len(account.origins),
        "logSize": account.log_size,
        "rootHash": account.root_hash,
        "origin": account.origin,
        "key": account.key,
    }
    output.item(summary, _checkpoint(account))


def _fields(origin: Origin) -> dict[str, Any]:
    return {
        "type": "origin",
        "capture": {"row": origin.capture["rowUri"], **written("capture", dict(origin.capture))},
        "media": [{"row": row["rowUri"], **written("media", dict(row))} for row in origin.media],
        "specimens": [{"row": row["rowUri"], **written("specimen", dict(row))} for row in origin.specimens],
        "archives": [archive.uri for archive in origin.archives],
        "crawl": origin.crawl["iri"],
        "statement": Digest(origin.crawl["statement"]).uri,
        "signer": origin.crawl["signer"],
        "logIndex": origin.crawl["statement_index"],
        "segmentLogIndex": origin.capture["log_index"],
    }


def _made(made: Derivation) -> str:
    found, run = made.finding, made.run
    return "\n".join(
        [
            f"{found['kind']} {made.picture}",
            f"  made from {made.image}",
            f"  region    {found['region'] or 'all of it'}",
            f"  row       {found['rowUri']}",
            f"  run       {run['iri']}, statement {Digest(run['digest'])}",
        ]
    )


def _story(origin: Origin) -> str:
    capture, crawl = origin.capture, origin.crawl
    status = f"HTTP {capture['status']}, " if capture["status"] else ""
    lines = [
        f"{capture['requestedAt']}  {capture['outcome']}",
        f"  from      {capture['url']} ({status}{capture['mediaType'] or capture['role']})",
    ]
    if capture["revisionOf"]:
        lines.append(f"  replaced  {Digest(capture['revisionOf'])}")
    for row in origin.media:
        lines.append(f"  media     {row['sourceRow']}" + ("" if row["current"] else " (superseded)"))
    for row in origin.specimens:
        name = " ".join(str(row[c]) for c in ("catalogNumber", "scientificName", "country") if row[c])
        lines.append(f"  specimen  {row['sourceRow']}  {name}")
    lines += [f"  archive   {archive}" for archive in origin.archives]
    lines += [
        f"  row       {capture['rowUri']}",
        f"  crawl     {crawl['iri']}, {crawl['started']} to {crawl['ended']}",
        f"  statement {Digest(crawl['statement'])}",
        f"  signed by {crawl['signer']}",
        f"  log       entry {crawl['statement_index']}; the row's segment is entry {capture['log_index']}",
    ]
    return "\n".join(lines)


def _checkpoint(account: Account) -> str:
    return f"Log {account.origin} has {account.log_size} entries, root hash {account.root_hash}."
