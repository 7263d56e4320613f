"""The root command; every other command is imported only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from node.cli.exits import Exit
from node.cli.output import Output
from node.layout import user_node

# name: module that holds it, and what the list of commands says of it: telling that must not import them all.
# The order is the order of the help text.
COMMANDS = {
    "init": ("node.cli.init", "Make a node: keys, settings and an empty log."),
    "track": ("node.cli.track", "Track a source: records, images, and where they came from."),
    "add": ("node.cli.add", "Add a file or a folder of files as they are."),
    "status": ("node.cli.status", "Say who this node is and what it holds."),
    "ls": ("node.cli.ls", "List images, files, archives, sources, crawls, failures."),
    "show": ("node.cli.show", "Show what an identifier names."),
    "history": ("node.cli.history", "Tell where something came from."),
    "pictures": ("node.cli.pictures", "Read pictures, so that like ones are found."),
    "similar": ("node.cli.similar", "Find pictures, or parts of pictures, that look like another."),
    "analyze": ("node.cli.analyze", "Run an analyzer over images, and sign what it finds."),
    "analyzer": ("node.cli.analyzer", "List the analyzers that are installed, and begin a new one."),
    "outliers": ("node.cli.outliers", "Find images that look unlike the others of their taxon."),
    "pipeline": ("node.cli.pipeline", "Run analyses of several steps, written as files."),
    "reproduce": ("node.cli.reproduce", "Run an analysis again, and compare."),
    "annotate": ("node.cli.annotate", "Bring in annotations and results of others, and give out our own."),
    "review": ("node.cli.review", "Decide about what people said and machines found, and publish it."),
    "duplicates": ("node.cli.duplicates", "Show what is there more than once."),
    "cat": ("node.cli.cat", "Write the bytes of something, checked as they go."),
    "verify": ("node.cli.verify", "Hash everything again and name what is wrong."),
    "search": ("node.cli.search", "Find records by what they say, and count them."),
    "stats": ("node.cli.stats", "Tell what the records are about, and how they grew."),
    "checklist": ("node.cli.checklist", "Let filters find synonyms, and all that lies below a taxon."),
    "slice": ("node.cli.slice", "Choose images by their records, and fix the choice."),
    "dataset": ("node.cli.dataset", "Make, refresh, fetch and describe citable datasets."),
    "cite": ("node.cli.cite", "Cite an image, a row, a crawl or the whole node."),
    "verify-citation": ("node.cli.verify_citation", "Check a citation bundle, offline."),
    "withdraw": ("node.cli.withdraw", "Take back something that this node published."),
    "withdrawals": ("node.cli.withdrawals", "List notices of withdrawal, and decide on them."),
    "serve": ("node.cli.serve", "Serve this node to other nodes and to people."),
    "peer": ("node.cli.peer", "Follow other nodes, and list them."),
    "sync": ("node.cli.sync", "Fetch what is new in the logs that this node follows."),
    "fetch": ("node.cli.fetch", "Bring bytes here, from peers or from where they came."),
    "clone": ("node.cli.clone", "Bring something here with everything that it names."),
    "mirror": ("node.cli.mirror", "Keep slices here, and claim what is held."),
    "locate": ("node.cli.locate", "Tell who holds something."),
    "replicas": ("node.cli.replicas", "Show how many copies each slice has."),
    "repair": ("node.cli.repair", "Bring again what is damaged or lost."),
    "audit": ("node.cli.audit", "Ask a node for pieces of what it claims to hold."),
    "watch": ("node.cli.watch", "Be told of new images under a filter, or new versions of a dataset."),
    "jobs": ("node.cli.jobs", "Run long work beside requests: submit it, look at it, end it."),
    "user": ("node.cli.user", "See to accounts: who may sign in, and what they may do."),
    "backup": ("node.cli.backup", "Back up this node, also while it works."),
    "restore": ("node.cli.restore", "Restore a node from a backup."),
    "log": ("node.cli.log", "Let a restored node sign again, have its log cosigned, or continue it anew."),
    "equivocation": (
        "node.cli.equivocation",
        "Show, check and publish proofs of logs that contradict themselves.",
    ),
    "key": ("node.cli.key", "Change, revoke and list the keys that this node signs with."),
    "tier": ("node.cli.tier", "Move blobs between the active tier and the archive."),
    "index": ("node.cli.index", "Make the database anew from log and segments."),
    "config": ("node.cli.config", "Check this node's settings."),
    "doctor": ("node.cli.doctor", "Examine this machine and this node."),
    "completion": ("node.cli.completion", "Print the completion script for your shell."),
    "demo": ("node.cli.demo", "Show everything once, with a drawn museum."),
}


def _at_home() -> str:
    """The user's own node, in the short form in which people know it."""
    try:
        return f"~/{user_node().relative_to(Path.home())}"
    except (RuntimeError, ValueError):
        return str(user_node())


def global_options() -> list[click.Parameter]:
    """`--node`, `--json` and `--quiet`: understood before and after the command's name."""

    def remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        output = context.ensure_object(Output)
        if value and parameter.name is not None:
            setattr(output, parameter.name, value)

    def option(*names: str, **settings: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=remember, **settings)

    return [
        option("--node", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
               help="The node to work on. Default: $VASCULUM_NODE, then .vasculum here or above, "
               f"then {_at_home()}."),
        option("--json", is_flag=True, help="One JSON object a line; the last line sums up."),
        option("--quiet", "-q", is_flag=True, help="No words and no progress, only data and errors."),
    ]  # fmt: skip


class Command(click.Command):
    """A command that also takes the global options after its name."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params.extend(global_options())


class Group(click.Group):
    """A group that lists its commands in the order of their adding, which is that of the work."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Command names in the order of their adding."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by the whole first sentence of each; click would cut it to a line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(1_000)) for name, one in self.commands.items()])


class LazyGroup(click.Group):
    """A group whose commands are modules, imported when called: start-up stays fast."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Command names in the order of `COMMANDS`."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; if there is none of that name, say which one may be meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if not args[0].startswith("-") and (near := get_close_matches(args[0], COMMANDS, 1)):
                raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None
            raise

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return its `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=global_options(),
)
@click.version_option(package_name="vasculum", prog_name="vasculum")
@click.pass_context
def root(context: click.Context) -> None:
    """Mirror specimen images with proof of where they came from.

    A vasculum is the box in which a botanist carries specimens home. This one tracks published
    records, keeps their images by SHA-256, signs where every byte came from, and makes citations
    that anyone can check offline.

    Begin with `vasculum init`, then `vasculum track SOURCE`.
    """
    context.ensure_object(Output)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        arguments: What stands after the program's name; default: what the shell gave.
    """
    output = Output()
    try:
        code = root.main(args=arguments, prog_name="vasculum", standalone_mode=False, obj=output)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        output.fail("Stopped. What was acknowledged is safe; the same command goes on from there.")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _quiet_pipe()
    except Exception as error:
        return _failure(output, error)
    return code if isinstance(code, int) else Exit.OK


def _failure(output: Output, error: Exception) -> int:
    """Tell a known error in one line; anything else is ours, and keeps its traceback."""
    if isinstance(error, OSError):
        # A full disk or a folder without leave can turn up anywhere, and is nobody's mistake here.
        place = f"{error.filename}: " if error.filename else ""
        output.fail(f"{place}{error.strerror or error}. What was acknowledged is safe.")
        return Exit.ERROR
    if not isinstance(error, _known_errors()):
        raise error
    output.fail(str(error))
    return _exit_code(error)


def _exit_code(error: Exception) -> int:
    """The lower packages know no exit codes; what they refuse of what was typed is a mistake of use."""
    from manifests.errors import FilterRefused, RecipeRefused

    usage = isinstance(error, (FilterRefused, RecipeRefused))
    return int(getattr(error, "exit_code", Exit.USAGE if usage else Exit.ERROR))


def _known_errors() -> tuple[type[Exception], ...]:
    roots = {
        "hashstore": "HashstoreError",
        "manifests": "ManifestError",
        "provenance": "ProvenanceError",
        "crawlers": "CrawlerError",
        "analyzers": "AnalyzerError",
        "node": "NodeError",
    }
    return tuple(
        getattr(importlib.import_module(f"{package}.errors"), name) for package, name in roots.items()
    )


def _quiet_pipe() -> int:
    """The reader of our output went away (`| head`): no traceback, and no second one at exit."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.OK
