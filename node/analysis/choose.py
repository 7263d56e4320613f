"""Which images an analysis is run over, and which of them were read before."""

from __future__ import annotations

from itertools import islice

from hashstore.digest import Digest
from manifests.filter import Filter
from manifests.members import MemberList
from node.analysis.errors import AnalysisError
from node.checklists.use import by_checklist, resolved
from node.compose import Node
from node.datasets.known import find_dataset, members_of_dataset
from node.index import Index
from node.slices.members import resolve_members
from node.slices.state import extents, present_state

_BATCH = 2_000
_KNOWN = (
    "SELECT DISTINCT digest FROM analysis WHERE analyzer = ? AND parameters = ? AND inputRegion IS NULL "
    "AND access = 'public' AND digest IN (SELECT unnest(?))"
)


def images_of_filter(node: Node, index: Index, tree: Filter) -> MemberList:
    """The public images that a filter names now, in all logs that are here."""
    state = present_state(node, index, ())
    names = resolved(node, by_checklist(node, tree))
    return resolve_members(index, names, extents(node, index, state))


def images_of_dataset(node: Node, index: Index, text: str) -> MemberList:
    """The members of a version of a dataset.

    Raises:
        NotFound: there is none of that name or digest.
        DatasetError: its manifest is not here.
    """
    known = find_dataset(node, index, text)
    return MemberList.of(member.digest for member in members_of_dataset(node, known))


def shard_of(members: MemberList, text: str) -> MemberList:
    """The `i`-th of `N` parts, as `i/N` says: by digest, so that an image is in the same part for everyone.

    Raises:
        AnalysisError: the text is no such part.
    """
    number, slash, count = text.partition("/")
    if not (slash and number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count) <= 10_000):
        raise AnalysisError(f"{text!r} is no shard: write 1/4 for the first of four.")
    part = (one for one in members if int.from_bytes(one.raw[:8], "big") % int(count) == int(number) - 1)
    return MemberList.of(part)


def read_before(index: Index, members: MemberList, analyzer: Digest, parameters: Digest) -> frozenset[Digest]:
    """Those of which some log that is here has the analyzer's result already."""
    found: set[Digest] = set()
    waiting = iter(members)
    while batch := [one.raw for one in islice(waiting, _BATCH)]:
        rows = index.rows(_KNOWN, [analyzer.raw, parameters.raw, batch])
        found.update(Digest(row["digest"]) for row in rows)
    return frozenset(found)
