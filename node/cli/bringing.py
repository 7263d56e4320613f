"""What `fetch` and `clone` have in common: who is asked, and how it is told what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from node.cli.exits import Exit
from node.cli.output import Output

if TYPE_CHECKING:
    from hashstore.digest import Digest
    from node.compose import Node
    from node.peers.bring import Outcome, Sources

_MOST_TOLD = 10


def sources_of(node: Node, output: Output, urls: Sequence[str]) -> Sources:
    """The peers to ask: those named on the command line in front."""
    from node.peers.bring import Sources

    return Sources(
        [*(url.rstrip("/") for url in urls), *(peer.url for peer in node.peers.peers())], output.say
    )


def tell(output: Output, label: str, outcomes: Iterable[tuple[Digest, Outcome]]) -> Exit:
    """Tell each blob as it is durable, and the sum at the end; returns how the command ends."""
    counts: Counter[str] = Counter()
    with output.progress(label, None) as bar:
        for digest, outcome in outcomes:
            counts[outcome] += 1
            bar.advance()
            lost = outcome in ("nowhere", "withdrawn")
            text = f"{outcome}: {digest}" if lost and counts[outcome] <= _MOST_TOLD else None
            output.item({"type": "blob", "digest": digest.uri, "outcome": str(outcome)}, text)
    summary = {name: counts[name] for name in ("fetched", "here", "withdrawn", "nowhere")}
    words = [f"{counts['fetched']:,} fetched", f"{counts['here']:,} were here"]
    words += [f"{counts[name]:,} {name}" for name in ("withdrawn", "nowhere") if counts[name]]
    output.item({"type": "summary", **summary}, ", ".join(words) + ".")
    return Exit.PARTIAL if counts["nowhere"] or counts["withdrawn"] else Exit.OK
