"""`vasculum analyzer`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from node.cli.analyzer_new import new, trial
from node.cli.bundles import approved_identity, list_approved
from node.cli.main import Command
from node.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analyzers.identity import Identity
    from analyzers.interface import Analyzer


@click.group(help="The programs that look at images: those installed here, and what each says and needs.")
def command() -> None:
    """Analyzers come with this program, or with other packages under `vasculum.analyzers`."""


@command.command("ls", cls=Command)
@click.pass_obj
def ls(output: Output) -> None:
    """List the analyzers that are installed here, and bundles that were approved."""
    from analyzers.errors import AnalyzerError
    from analyzers.identity import identity_of
    from analyzers.registry import analyzer_names, find_analyzer

    listed = 0
    given, wrong = _given(output)
    for name in (*analyzer_names(), *given):
        try:
            identity = identity_of(given[name] if name in given else find_analyzer(name))
        except AnalyzerError as error:
            output.item({"type": "unusable", "name": name, "words": str(error)}, f"{name}: {error}")
            continue
        listed += 1
        about = identity.description
        words = (
            f"{name} {about.version}  {identity.digest.hex[:12]}  {about.determinism.text}\n    {about.about}"
        )
        output.item({"type": "analyzer", **_fields(identity)}, words)
    for fault in wrong:
        output.item({"type": "unusable", "words": str(fault)}, str(fault))
    listed += list_approved(output)
    if output.json:
        output.item({"type": "summary", "listed": listed})


def _given(output: Output) -> tuple[Mapping[str, Analyzer], Sequence[Exception]]:
    """The analyzers of the node's folder of models, if there is a node, and what is wrong with others."""
    from analyzers.onnx_model.folder import given_analyzers
    from node.errors import NodeNotFound
    from node.layout import find_node

    try:
        folder = find_node(output.node).models
    except NodeNotFound:
        return {}, ()
    given, wrong = given_analyzers(folder)
    return {name: one.analyzer for name, one in given.items()}, wrong


@command.command("show", cls=Command)
@click.argument("name", metavar="NAME")
@click.pass_obj
def show(output: Output, name: str) -> None:
    """Show one analyzer: what it says, its parameters, its models, and what its identity is made of."""
    from analyzers.identity import identity_of
    from analyzers.registry import find_analyzer

    given, _ = _given(output)
    if (identity := approved_identity(output, name)) is None or name in given:
        identity = identity_of(given[name] if name in given else find_analyzer(name))
    about = identity.description
    lines = [
        f"{about.name} {about.version}: {about.about}",
        f"identity     {identity.digest}",
        f"code         {identity.code}",
        "environment  " + ", ".join(f"{name} {version}" for name, version in identity.environment.items()),
        f"determinism  {about.determinism.text}",
        f"licence      {about.license}",
    ]
    lines += [f"cite         {about.citation}"] if about.citation else []
    lines += [f"model        {model.name}: {model.digest}" for model in about.models]
    lines += ["", "It says:"] + [f"  {kind:<18} {words}" for kind, words in about.kinds.items()]
    if about.parameters:
        lines += ["", "Parameters:"] + [
            f"  {name:<18} {json.dumps(schema)}" for name, schema in about.parameters.items()
        ]
    output.item({"type": "analyzer", **_fields(identity)}, "\n".join(lines))


command.add_command(new)
command.add_command(trial)


def _fields(identity: Identity) -> dict[str, object]:
    about = identity.description
    return {
        **{name: value for name, value in identity.document().items() if name != "type"},
        "identity": identity.digest.uri,
        "about": about.about,
        "kinds": dict(about.kinds),
        "inputs": [kind.value for kind in about.inputs],
        "parameters": dict(about.parameters),
        "license": about.license,
        "citation": about.citation,
    }
