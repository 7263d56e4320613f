"""Results of analyzers that were run elsewhere, signed as a run of theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from analyzers.exchange.model import Item, Refused
from analyzers.external import DETERMINISM, ExternalAnalyzer
from analyzers.finding import Finding
from analyzers.identity import parameters_digest
from analyzers.output import Input, Output
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.members import MemberList
from node.analysis.choose import read_before
from node.analysis.publish import sign_run
from node.annotate.judging import Judge, Taken
from node.annotate.naming import Names
from node.compose import Node
from node.index import Index
from node.look.access import public_among
from node.review.sizes import sizes_of
from provenance.statement.kinds import UsedAnalyzer

_NONE = parameters_digest({})
_KNOWN = "SELECT DISTINCT digest FROM capture WHERE digest IN (SELECT unnest(?::BLOB[]))"


@dataclass(slots=True)
class Imported:
    """What an import came to.

    Attributes:
        taken: How many items were taken.
        images: About how many images.
        refused: The others, each with its reason.
        statement: The signed run; None for annotations of people, which wait, and if nothing was taken.
    """

    taken: int = 0
    images: int = 0
    refused: list[Refused] = field(default_factory=list)
    statement: Digest | None = None


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """What `sign_run` signs of an analyzer that was run elsewhere."""

    identity: ExternalAnalyzer
    parameters_digest: Digest = _NONE
    models: Mapping[str, Path] = field(default_factory=dict)

    @property
    def documents(self) -> tuple[bytes, ...]:
        """What becomes blobs."""
        return (self.identity.data, canonical_json({}))

    @property
    def used(self) -> UsedAnalyzer:
        """How a statement tells of it."""
        made = self.identity
        models = tuple(sorted(set(made.models.values())))
        return UsedAnalyzer(
            made.name,
            made.version,
            made.digest,
            None,
            models,
            self.parameters_digest,
            DETERMINISM,
            {},
            "elsewhere",
        )


def import_results(
    node: Node,
    analyzer: ExternalAnalyzer,
    items: Iterable[Item | Refused],
    names: Names | None = None,
    labels: Collection[str] = (),
) -> Imported:
    """Take what can be taken of a file of results, all of it or nothing, and sign it.

    An image of which this analyzer has results already is refused: under one key there is one output.

    Args:
        node: The node.
        analyzer: What made them.
        items: What stands in the file.
        names: Names of images, beside digests.
        labels: The labels that there may be; none for any.
    """
    began, listed, found = datetime.now(UTC), list(items), names or Names()
    plan = _Elsewhere(analyzer)
    with node.writing():
        with node.index() as index:
            images = images_named(index, listed, found)
            sizes = sizes_of(node, index, images)
            members = MemberList.of(sizes)
            before = read_before(index, members, analyzer.digest, plan.parameters_digest)
        said, refused = _sorted(Judge(found.find, sizes, labels).judge(listed), before)
        done = Imported(sum(map(len, said.values())), len(said), refused)
        if said:
            results = [Output(Input(image), tuple(said[image])) for image in sorted(said)]
            done.statement, _ = sign_run(node, plan, MemberList.of(said), results, 0, began)
    return done


def _sorted(
    judged: Iterable[Taken | Refused], before: Collection[Digest]
) -> tuple[dict[Digest, list[Finding]], list[Refused]]:
    """What is said of each image, and what is refused, that of images with results included."""
    said: dict[Digest, list[Finding]] = defaultdict(list)
    refused: list[Refused] = []
    for one in judged:
        if isinstance(one, Refused):
            refused.append(one)
        elif one.image in before:
            words = "this analyzer has results of the image already"
            refused.append(Refused(one.item.place, "already-there", words))
        else:
            said[one.image].append(one.finding)
    return said, refused


def images_named(index: Index, items: Iterable[Item | Refused], names: Names) -> list[Digest]:
    """The public images of this node that some items name."""
    named = {names.find(item.image) for item in items if isinstance(item, Item)} - {None}
    raws = [digest.raw for digest in named if digest is not None]
    known = [Digest(row["digest"]) for row in index.rows(_KNOWN, [raws])]
    return sorted(public_among(index, known))
