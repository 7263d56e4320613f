"""`vasculum audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.replicating import bring_bitmaps
from node.compose import open_node
from node.layout import find_node

if TYPE_CHECKING:
    from node.slices.audit import Audited
    from node.slices.claims import KnownClaim


@click.command(cls=Command)
@click.argument("whom", metavar="PEER|CLAIM")
@click.option("--draws", type=click.IntRange(1, 1_000_000), default=299, show_default=True, metavar="N")
@click.option("--url", metavar="URL", help="Ask here, in place of the addresses of its peer.")
@click.pass_obj
def command(output: Output, whom: str, draws: int, url: str | None) -> Exit:
    """Ask a node for random pieces of what it claims to hold, and sign what came of it into the log.

    PEER is its address or its log's origin; then each of its claims is audited. Who lacks 1 % of the
    data is found with 95 % probability by 299 draws. Exit code 4 means that a claim is false, 3 that a
    node did not answer.
    """
    from random import SystemRandom

    from node.errors import NotFound
    from node.slices.audit import audit, claims_to_audit
    from node.slices.bringing import asking_peer
    from provenance.statement.kinds.audit_report import Verdict

    node = open_node(find_node(output.node))
    bring_bitmaps(node, output)
    with node.index() as index:
        claims = claims_to_audit(node, index, whom)
    verdicts = []
    for known in claims:
        urls = [url] if url else [peer.url for peer in node.peers.peers() if peer.origin == known.origin]
        if not urls:
            raise NotFound(f"No address of {known.origin} is known; give one with --url.")
        with output.progress(f"Auditing {known.origin}", None):
            done = audit(node, known, asking_peer(urls[0]), draws, SystemRandom())
        verdicts.append(done.report.verdict)
        _tell(output, known, done, urls[0])
    if output.json:
        failed = sum(verdict is Verdict.FAILED for verdict in verdicts)
        output.item({"type": "summary", "audited": len(verdicts), "failed": failed})
    if Verdict.FAILED in verdicts:
        return Exit.VERIFICATION_FAILED
    return Exit.PARTIAL if Verdict.UNANSWERED in verdicts else Exit.OK


def _tell(output: Output, known: KnownClaim, done: Audited, url: str) -> None:
    """One audit, for machines and for people."""
    report = done.report
    fields = {
        "type": "audit",
        "claim": known.digest.uri,
        "origin": known.origin,
        "url": url,
        "slice": known.claim.slice.uri,
        "draws": report.draws,
        "right": report.right,
        "wrong": report.wrong,
        "unanswered": report.unanswered,
        "verdict": str(report.verdict),
        "report": done.statement.uri,
        "failed": [digest.uri for digest in report.failed],
    }
    text = f"{known.origin}: {report.verdict}, {report.right} of {report.draws} draws right"
    text += f", {report.wrong} wrong" if report.wrong else ""
    text += f", {report.unanswered} unanswered" if report.unanswered else ""
    output.item(fields, text + ".")
