"""`vasculum analyzer new` and `vasculum analyzer try`: for those who write analyzers."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from node.cli.main import Command
from node.cli.output import Output

# As analyzers/skeleton has them; importing it for a help text would cost start-up time.
_TASKS = ("describe", "read", "measure", "segment", "classify", "detect", "embed", "correct")


@click.command("new", cls=Command)
@click.argument("name", metavar="NAME")
@click.option("--task", type=click.Choice(_TASKS), default="measure", show_default=True, help="What it does.")
@click.option("--author", help="Who stands in its licence (MIT); default: the authors of NAME.")
@click.option(
    "--in", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where; default: a folder NAME."
)
@click.pass_obj
def new(output: Output, name: str, task: str, author: str | None, folder: Path | None) -> None:
    """Begin an analyzer of your own: a package that works and passes its tests as it is.

    It finds dark pixels at first. What it is to find instead goes into its reading.py.
    """
    from analyzers.description import Task
    from analyzers.skeleton.write import skeleton
    from node.analysis.errors import AnalysisError

    made = skeleton(
        name, Task(task), author or f"The authors of {name}", datetime.now(UTC).year, version("vasculum")
    )
    target = folder or Path(name)
    if target.exists() and any(target.iterdir()):
        raise AnalysisError(f"{target} is not empty; name a new folder by --in.")
    for path, data in made.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(data)
        output.item({"type": "file", "path": str(target / path)}, str(target / path))
    words = f"Next: pip install -e {target}, pytest {target}, then change {target}/src/*/reading.py."
    output.item({"type": "summary", "name": name, "folder": str(target), "files": len(made)})
    output.say(words)


@click.command("try", cls=Command)
@click.argument("name", metavar="NAME")
@click.argument("picture", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable.")
@click.pass_obj
def trial(output: Output, name: str, picture: Path, settings: tuple[str, ...]) -> None:
    """Show what the analyzer NAME says of one picture, one finding a line; nothing is kept or signed."""
    from analyzers.registry import find_analyzer
    from analyzers.trial import tried
    from hashstore.canonical import canonical_json
    from node.cli.analyze import parameters_of

    result = tried(find_analyzer(name), picture.read_bytes(), parameters_of(settings))
    for finding in result.findings:
        document = finding.document()
        output.item({"type": "finding", **document}, canonical_json(document).decode())
    fields = {"findings": len(result.findings), "output": result.digest.uri, "fault": result.fault}
    output.item({"type": "summary", **fields}, f"It cannot be read: {result.fault}" if result.fault else None)
