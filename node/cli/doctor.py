"""`vasculum doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from node.cli.exits import Exit
from node.cli.main import Command
from node.cli.output import Output
from node.errors import NodeNotFound
from node.layout import find_node
from node.look.doctor import Finding, examine, examine_machine


@click.command(cls=Command)
@click.pass_obj
def command(output: Output) -> Exit:
    """Examine this machine and this node, and say what to mend.

    It looks at Python, libraries, disk space, file system, settings, keys, log and index in a few
    seconds. It does not hash your images; `vasculum verify` does.
    """
    findings = _findings(output.node)
    for finding in findings:
        mark = "ok  " if finding.ok else "MEND"
        output.item(finding.fields(), f"{mark}  {finding.what}: {finding.detail}")
    broken = sum(not finding.ok for finding in findings)
    output.item({"type": "summary", "checks": len(findings), "toMend": broken})
    return Exit.ERROR if broken else Exit.OK


def _findings(chosen: Path | None) -> list[Finding]:
    """Without a node there is still the machine to look at."""
    try:
        return list(examine(find_node(chosen)))
    except NodeNotFound as error:
        return [*examine_machine(), Finding("node", False, str(error))]
