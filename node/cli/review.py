"""`vasculum review`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from node.cli.exits import Exit
from node.cli.main import Command, Group
from node.cli.output import Output
from node.cli.visible import one_line
from node.compose import open_node
from node.layout import find_node

if TYPE_CHECKING:
    from node.compose import Node
    from node.review.rules import Agent
    from node.review.waiting import Waiting


@click.group(cls=Group, help="Look at what waits for review, decide, and publish the decisions.")
def command() -> None:
    """What people said, and what contradicts records."""


_AGENT = click.option(
    "--agent", metavar="IRI", help="Who decides: an ORCID, did:key: or urn:uuid:. Default: this node."
)
_NOTE = click.option("--note", metavar="TEXT", help="Why; published with the decision.")


@command.command("ls", cls=Command)
@click.option("--filter", "text", metavar="FILTER|@FILE", help="Only about these images (spec/filters.md).")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Findings of this kind, too; repeatable."
)
@click.option("--reason", "reasons", multiple=True, metavar="CODE", help="Only for this reason; repeatable.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many at most.")
@click.pass_obj
def ls(
    output: Output, text: str | None, kinds: tuple[str, ...], reasons: tuple[str, ...], limit: int
) -> None:
    """List what waits, the most urgent first.

    These are what contributors said (reason `pending`), readings that contradict the record
    (`barcode-mismatch`, `country-mismatch`, `date-mismatch`, `collector-mismatch`, `number-mismatch`), and
    with --kind what analyzers found. Types come first, then rare taxa and unsure readings.
    """
    from node.analysis.choose import images_of_filter
    from node.cli.filtering import filter_of
    from node.review.waiting import waiting
    from node.slices.create import composed

    node = open_node(find_node(output.node))
    with node.index() as index:
        tree = filter_of(text) if text else None
        members = None if tree is None else images_of_filter(node, index, composed(tree, {}))
        found = waiting(node, index, members, kinds)
    chosen = [one for one in found if not reasons or one.reason in reasons]
    for one in chosen[:limit]:
        output.item(one.fields, _line(one))
    output.item({"waiting": len(chosen), "shown": min(len(chosen), limit)}, _counted(len(chosen), limit))


def _line(one: Waiting) -> str:
    against = f", where the record says {one_line(one.recorded)}" if one.recorded else ""
    by = f" (by {one.agent})" if one.agent else ""
    return (
        f"{one.subject}\n  {one.reason}: {one.kind} {one_line(one.said)}{against}{by}\n  in {one.image.uri}"
    )


def _counted(count: int, limit: int) -> str:
    if count == 0:
        return "Nothing waits for review."
    return f"{count} wait for review" + (f"; the first {limit} are shown." if count > limit else ".")


@command.command("accept", cls=Command)
@click.argument("subjects", nargs=-1, required=True, metavar="NAME...")
@_AGENT
@_NOTE
@click.pass_obj
def accept(output: Output, subjects: tuple[str, ...], agent: str | None, note: str | None) -> Exit:
    """Accept findings or annotations, by the names that `review ls` and `show` give."""
    return _decide(output, subjects, "accepted", agent, note)


@command.command("reject", cls=Command)
@click.argument("subjects", nargs=-1, required=True, metavar="NAME...")
@_AGENT
@_NOTE
@click.pass_obj
def reject(output: Output, subjects: tuple[str, ...], agent: str | None, note: str | None) -> Exit:
    """Reject findings or annotations, by the names that `review ls` and `show` give."""
    return _decide(output, subjects, "rejected", agent, note)


@command.command("amend", cls=Command)
@click.argument("subject", metavar="NAME")
@click.option("--text", metavar="TEXT", help="What it should say.")
@click.option("--term", metavar="IRI", help="Which concept it should name.")
@click.option("--value", metavar="DECIMAL", help="Which quantity it should tell.")
@click.option("--unit", metavar="UCUM", help="Its unit.")
@click.option("--region", metavar="REGION", help="Where it should be; default: where it is.")
@click.option("--motivation", default="editing", show_default=True, help="Of W3C Web Annotation.")
@_AGENT
@_NOTE
@click.pass_obj
def amend(output: Output, /, subject: str, agent: str | None, note: str | None, **better: str | None) -> Exit:
    """Say better what a finding or an annotation says; both are published."""
    return _decide(output, (subject,), "amended", agent, note, better)


@command.command("publish", cls=Command)
@click.pass_obj
def publish(output: Output) -> None:
    """Sign what is ready, and put it into the log.

    What contributors said waits until a reviewer has accepted or amended it; what was rejected stays here.
    """
    from node.review.publish import publish_reviews

    done = publish_reviews(open_node(find_node(output.node)))
    counts = {"annotations": done.annotations, "reviews": done.reviews, "waiting": done.waiting}
    statements = [digest.uri for digest in done.statements]
    signed = "".join(f"\nSigned: {uri}" for uri in statements)
    words = f"{done.annotations} annotations and {done.reviews} decisions published; {done.waiting} wait."
    output.item({**counts, "dropped": done.dropped, "statements": statements}, words + signed)


def _decide(
    output: Output, subjects: tuple[str, ...], standing: str, agent: str | None, note: str | None,
    better: dict[str, str | None] | None = None,
) -> Exit:  # fmt: skip
    from manifests.errors import ManifestError
    from node.errors import NodeError
    from node.review.amending import better_saying
    from node.review.deciding import Order, decide
    from node.review.rules import Standing

    node = open_node(find_node(output.node))
    who, failed = _agent(node, agent), 0
    for subject in subjects:
        try:
            saying = None if better is None else better_saying(node, subject, better)
            matter = decide(node, Order(subject, Standing(standing), who, note, saying))
        except (NodeError, ManifestError) as error:
            if len(subjects) == 1:
                raise
            failed += 1
            output.fail(f"{subject}: {error}")
            continue
        fields: dict[str, Any] = {"subject": subject, "standing": matter.standing.value, "agent": who.iri}
        output.item({"type": "decision", **fields}, f"{subject}: {matter.standing}")
    done = len(subjects) - failed
    output.item({"decided": done, "failed": failed}, None)
    output.say("Publish with `vasculum review publish`.")
    return Exit.OK if not failed else Exit.PARTIAL if done else Exit.ERROR


def _agent(node: Node, iri: str | None) -> Agent:
    from node.review.rules import Agent, Role

    return Agent(iri or node.identity_public.did, Role.OPERATOR)
