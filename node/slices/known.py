"""The slices that this node knows of: its own, and those in logs that it follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError
from manifests.members import MemberList
from node.checklists.use import resolved
from node.compose import Node
from node.errors import AmbiguousIdentifier, NotFound, SliceError
from node.index import OWN_LOG, Index
from node.look.resolve import resolve
from node.look.things import StatementThing
from node.slices.members import resolve_members
from node.slices.state import extents
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.kinds import Slice
from provenance.statement.kinds.slice import read_slice


@dataclass(frozen=True, slots=True)
class KnownSlice:
    """A slice and where it stands.

    Attributes:
        digest: Its statement, by which claims name it.
        log: The number of its log in the index; 0 is the node's own.
        log_index: The entry there.
        slice: What it says.
    """

    digest: Digest
    log: int
    log_index: int
    slice: Slice


def known_slices(node: Node, index: Index) -> Iterator[KnownSlice]:
    """Every slice in the logs, own ones first, the newest of each log first; garbled ones are passed over."""
    query = "SELECT digest, log, log_index FROM statement WHERE kind = 'Slice' ORDER BY log, log_index DESC"
    for row in index.rows(query):
        try:
            yield _known(node, Digest(row["digest"]), row["log"], row["log_index"])
        except (ProvenanceError, HashstoreError):
            continue


def find_slice(node: Node, index: Index, text: str) -> KnownSlice:
    """The slice that a person means: by any identifier of its statement, or by its name.

    An own slice goes before others of the same name, and the newest of a log before older ones.

    Raises:
        NotFound: there is none.
        AmbiguousIdentifier: several logs have a slice of that name.
        SliceError: the identifier names something else.
    """
    try:
        thing = resolve(node, index, text)
    except (NotFound, AmbiguousIdentifier) as error:
        return _named(node, index, text, error)
    if not isinstance(thing, StatementThing) or thing.kind != "Slice":
        raise SliceError(f"{text} is no slice; `vasculum slice ls` lists them.")
    return _known(node, thing.digest, thing.log, thing.log_index)


def slice_at(node: Node, index: Index, digest: Digest) -> KnownSlice:
    """The slice of a statement.

    Raises:
        NotFound: no log that this node knows has such a slice.
    """
    query = "SELECT log, log_index FROM statement WHERE kind = 'Slice' AND digest = ? ORDER BY log, log_index"
    row = index.one(query, [digest.raw])
    if row is None:
        raise NotFound(f"No log that this node knows has the slice {digest}.")
    return _known(node, digest, row["log"], row["log_index"])


def _named(node: Node, index: Index, name: str, error: Exception) -> KnownSlice:
    newest: dict[int, KnownSlice] = {}
    for known in known_slices(node, index):
        if known.slice.name == name:
            newest.setdefault(known.log, known)
    if not newest:
        if isinstance(error, AmbiguousIdentifier):
            raise error
        raise NotFound(f"There is no slice {name!r}; `vasculum slice ls` lists them.") from error
    if len(newest) > 1 and OWN_LOG not in newest:
        raise AmbiguousIdentifier(
            f"{len(newest)} logs have a slice named {name!r}; give the beginning of its digest, which "
            "`vasculum slice ls` tells."
        )
    return newest[min(newest)]


def members_of(node: Node, index: Index, known: KnownSlice) -> MemberList:
    """A slice's members: from the store, or resolved anew from the rows that are here.

    Raises:
        SliceError: neither can be had, or what is there is not what the slice says.
    """
    wanted = known.slice
    if node.store.contains(wanted.members):
        try:
            return checked(wanted, MemberList(node.store.read(wanted.members)))
        except (HashstoreError, ManifestError) as error:
            raise SliceError(
                f"The member list of {wanted.name!r} cannot be used: {error} "
                "`vasculum repair` brings it again."
            ) from error
    return resolved_anew(node, index, known)


def resolved_anew(node: Node, index: Index, known: KnownSlice) -> MemberList:
    """A slice's members as the rows give them, whatever its list says.

    Raises:
        SliceError: the logs are not here as far, or the slice's root is not what they give.
    """
    wanted = known.slice
    return checked(
        wanted, resolve_members(index, resolved(node, wanted.filter), extents(node, index, wanted.state))
    )


def checked(wanted: Slice, members: MemberList) -> MemberList:
    """The members, if they are those of the slice.

    Raises:
        SliceError: they are others.
    """
    if (len(members), members.root) != (wanted.count, wanted.members_root):
        raise SliceError(
            f"The slice {wanted.name!r} says that it has {wanted.count} members under {wanted.members_root}, "
            f"and there are {len(members)} under {members.root}. Do not rely on it; tell who made it."
        )
    return members


def _known(node: Node, digest: Digest, log: int, log_index: int) -> KnownSlice:
    return KnownSlice(digest, log, log_index, read_slice(parse_statement(node.store.read(digest))))
