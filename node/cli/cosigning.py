"""Asking witnesses after a command has appended to the log, and telling what came of it."""

from __future__ import annotations

from node.cli.output import Output
from node.compose import Node


def ask_witnesses(output: Output, node: Node) -> bool:
    """Ask the witnesses that node.toml names to cosign; what is appended stays so, whatever they answer.

    Returns:
        Whether enough of them cosigned; true where none are named.
    """
    if not node.config.witness.asked:
        return True
    from node.witness.own import gather_for

    gathered = gather_for(node)
    for name, why in gathered.failed:
        output.say(f"No cosignature by {name}: {why}")
    if not gathered.strong:
        output.say(
            f"{len(gathered.cosigned)} of {gathered.threshold} witnesses cosigned. "
            "Ask again: vasculum log cosign"
        )
    return gathered.strong
