"""`vasculum verify-citation FILE`: needs no node and no network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.cli.visible import one_line
from node.errors import NodeNotFound
from node.layout import find_node
from provenance.citation.bundle import LARGEST_BUNDLE
from provenance.citation.trust import TrustedKeys
from provenance.citation.verify import Outcome, Verdict, verify_bundle
from provenance.witness.policy import Witnessed

_EXITS = {
    Outcome.VERIFIED: Exit.OK,
    Outcome.UNKNOWN_SIGNER: Exit.PARTIAL,
    Outcome.FAILED: Exit.VERIFICATION_FAILED,
}


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="KEY|POLICY",
    help="A key that you trust (did:key:... or a log's verifier key), got from somewhere other than "
    "this file; or a JSON or TOML file with a list of them. May be given several times.",
)
@click.pass_obj
def command(output: Output, file: Path, trusted: tuple[str, ...]) -> Exit:
    """Check a citation bundle, offline.

    A bundle proves by itself only that nothing in it was changed. Who signed it is for you to judge:
    with --trust, exit code 0 means that a key you trust vouches for it; 3 means that it is intact, but
    signed by someone you did not name; 4 means that a link is broken, and names it. A policy file may
    name witnesses and how many of them must have cosigned: then the citation is said to be strong or
    plain, and a plain one ends with 3.
    """
    trust = TrustedKeys.join([TrustedKeys.load(text) for text in trusted])
    with file.open("rb") as stream:
        verdict = verify_bundle(stream.read(LARGEST_BUNDLE + 1), trust)
    taken_back = _taken_back(output, verdict)
    words = _words(verdict)
    if taken_back is not None:
        words += f"\n  since     withdrawn on {taken_back['at'][:10]} ({one_line(taken_back['reason'])})"
    output.item({**_fields(verdict), "withdrawn": taken_back}, words)
    if verdict.outcome is Outcome.VERIFIED and verdict.witnessed and not verdict.witnessed.strong:
        return Exit.PARTIAL
    return _EXITS[verdict.outcome]


def _taken_back(output: Output, verdict: Verdict) -> dict[str, Any] | None:
    """What a node that is at hand adds: the thing was withdrawn since. Without a node nothing is asked."""
    if verdict.bundle is None or verdict.outcome is Outcome.FAILED:
        return None
    try:
        layout = find_node(output.node)
    except NodeNotFound:
        return None
    from node.withdrawal.look_up import withdrawn_here

    return withdrawn_here(layout, verdict.bundle.cited.identifier)


def _fields(verdict: Verdict) -> dict[str, Any]:
    cited = verdict.bundle.cited if verdict.bundle else None
    return {
        "type": "verdict",
        "outcome": str(verdict.outcome),
        "broken": verdict.broken,
        "reason": verdict.reason or None,
        "kind": cited.kind if cited else None,
        "cited": cited.identifier if cited else None,
        "text": cited.text if cited else None,
        "institution": verdict.institution,
        "identity": verdict.identity.did if verdict.identity else None,
        "logKey": verdict.log_key,
        "origin": verdict.origin,
        "logIndex": verdict.leaf_index,
        "logSize": verdict.checkpoint.head.size if verdict.checkpoint else None,
        "attested": dict(verdict.facts) or None,
        "strength": _strength(verdict.witnessed),
        "witnesses": [
            {"name": each.key.name, "time": _time(each.timestamp)}
            for each in (verdict.witnessed.by if verdict.witnessed else ())
        ],
    }


def _strength(witnessed: Witnessed | None) -> str | None:
    if witnessed is None:
        return None
    return "strong" if witnessed.strong else "plain"


def _time(timestamp: int) -> str:
    """When a witness says that it saw the log; a time beyond the calendar is told as a number."""
    try:
        return datetime.fromtimestamp(timestamp, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        return str(timestamp)


def _seen(witnessed: Witnessed | None) -> list[str]:
    if witnessed is None:
        return []
    count = f"{len(witnessed.by)} of the {witnessed.threshold} witnesses that you ask for"
    seen = [f"  seen by   {one_line(each.key.name)} at {_time(each.timestamp)}" for each in witnessed.by]
    return [f"  {_strength(witnessed):<9} {count}", *seen]


def _words(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.FAILED:
        return f"FAILED at the {verdict.broken}: {one_line(verdict.reason)}"
    assert verdict.bundle is not None
    assert verdict.checkpoint is not None
    lines = [
        verdict.outcome.upper(),
        f"  cites     {verdict.bundle.cited.kind} {one_line(verdict.bundle.cited.identifier)}",
    ]
    for name, label in (("url", "from"), ("requestedAt", "received"), ("scientificName", "name")):
        if value := verdict.facts.get(name):
            lines.append(f"  {label:<9} {one_line(value)}")
    place = "" if verdict.leaf_index is None else f", entry {verdict.leaf_index}"
    lines += [
        f"  log       {one_line(verdict.origin)}, {verdict.checkpoint.head.size} entries{place}",
        f"  kept by   {one_line(verdict.institution)} ({verdict.identity})",
    ]
    lines += _seen(verdict.witnessed)
    if verdict.outcome is Outcome.VERIFIED:
        lines.append(f"  trusted   {verdict.reason}")
    else:
        lines.append(
            "  Nothing in the file was changed, but you named no key that vouches for it. If you trust"
        )
        lines.append(
            f"  this institution, compare with what it publishes:  --trust {one_line(verdict.log_key)}"
        )
    return "\n".join(lines)
