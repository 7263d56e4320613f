"""The versions of datasets that this node knows: in its log, in those that it follows, or given to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, HashstoreError
from manifests.dataset.description import Description
from manifests.dataset.manifest import lines_of, members_in, read_manifest
from manifests.dataset.member import Member
from node.compose import Node
from node.errors import AmbiguousIdentifier, DatasetError, NotFound
from node.index import OWN_LOG, Index
from node.look.resolve import resolve
from node.look.things import BlobThing, StatementThing
from node.peers.expand import statement_at
from provenance.errors import ProvenanceError
from provenance.statement import Statement, parse_statement
from provenance.statement.kinds import DatasetVersion
from provenance.statement.kinds.dataset_version import read_dataset_version

KIND = "DatasetVersion"


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """A version of a dataset and where it stands.

    Attributes:
        digest: Its statement, by which it is cited.
        version: What it says.
        origin: The name of the log that holds it; None if no log that is followed here does.
        log: The number of that log in the index; None likewise.
        log_index: The entry there.
    """

    digest: Digest
    version: DatasetVersion
    origin: str | None = None
    log: int | None = None
    log_index: int | None = None

    @property
    def is_own(self) -> bool:
        """Whether this node made it."""
        return self.log == OWN_LOG

    def description(self, withdrawn: int = 0) -> Description:
        """What it says of itself, for citations and exports.

        Args:
            withdrawn: How many of its members were withdrawn since, as far as this node knows.
        """
        made = self.version
        return Description(
            statement=self.digest,
            manifest=made.manifest,
            count=made.count,
            title=made.title,
            creators=made.creators,
            license=made.license,
            version=made.number,
            made=made.made,
            publisher=made.publisher,
            origin=self.origin or "",
            description=made.description,
            keywords=made.keywords,
            kind=made.kind,
            metric=made.metric,
            withdrawn=withdrawn,
        )


def known_datasets(node: Node, index: Index) -> Iterator[KnownDataset]:
    """Every version in the logs, own ones first, the newest of each log first; not those that are garbled."""
    query = "SELECT digest, log, log_index FROM statement WHERE kind = ? ORDER BY log, log_index DESC"
    origins = index.origins()
    for row in index.rows(query, [KIND]):
        try:
            yield _known(node, origins, Digest(row["digest"]), row["log"], row["log_index"])
        except (ProvenanceError, HashstoreError):
            continue


def find_dataset(node: Node, index: Index, text: str) -> KnownDataset:
    """The version that a person means: by any identifier of its statement, or by the dataset's title.

    Of a title it is the newest version; an own dataset goes before others of the same title.

    Raises:
        NotFound: there is none.
        AmbiguousIdentifier: several logs have a dataset of that title.
        DatasetError: the identifier names something else.
    """
    try:
        thing = resolve(node, index, text)
    except (NotFound, AmbiguousIdentifier) as error:
        return _titled(node, index, text, error)
    if isinstance(thing, StatementThing) and thing.kind == KIND:
        return _known(node, index.origins(), thing.digest, thing.log, thing.log_index)
    if isinstance(thing, BlobThing) and (found := given_dataset(node, thing.digest)) is not None:
        return found
    raise DatasetError(f"{text} is no version of a dataset; `vasculum dataset ls` lists them.")


def given_dataset(node: Node, digest: Digest) -> KnownDataset | None:
    """A version whose statement is here although no log that is followed has it; None if there is none."""
    statement = statement_at(node.store, digest)
    if statement is None or KIND not in statement.types:
        return None
    return KnownDataset(digest, read_dataset_version(statement))


def versions_of(node: Node, index: Index, known: KnownDataset) -> list[KnownDataset]:
    """All versions of one dataset by whoever made it, the newest first."""
    family, agent = known.version.family, known.version.agent
    found = [
        one
        for one in known_datasets(node, index)
        if one.version.family == family and (one.log == known.log or one.version.agent == agent)
    ]
    return sorted(found, key=lambda one: one.version.number, reverse=True)


def members_of_dataset(node: Node, known: KnownDataset) -> Iterator[Member]:
    """All members of a version in the order of digests, read as they are asked for.

    What is handed to anybody goes through `node.datasets.shown`.

    Raises:
        DatasetError: its manifest is not here.
        DamagedManifest: a line of it does not hold.
    """
    with opened_manifest(node, known) as lines:
        yield from members_in(read_manifest(lines_of(lines)))


def opened_manifest(node: Node, known: KnownDataset) -> BinaryIO:
    """The manifest of a version; the one without withdrawn members, where a peer had no other.

    Raises:
        DatasetError: neither is here.
    """
    try:
        return node.store.open(known.version.manifest)
    except BlobNotFound as error:
        instead = node.layout.shown_manifest(known.digest)
        if instead.exists():
            return instead.open("rb")
        raise DatasetError(
            f"The manifest of {known.version.title!r}, version {known.version.number}, is not here. "
            f"Bring it: vasculum dataset fetch {known.digest.hex}"
        ) from error


def _titled(node: Node, index: Index, title: str, error: Exception) -> KnownDataset:
    newest: dict[int, KnownDataset] = {}
    for known in known_datasets(node, index):
        if known.version.title == title and known.log is not None:
            newest.setdefault(known.log, known)
    if not newest:
        if isinstance(error, AmbiguousIdentifier):
            raise error
        raise NotFound(f"There is no dataset {title!r}; `vasculum dataset ls` lists them.") from error
    if len(newest) > 1 and OWN_LOG not in newest:
        raise AmbiguousIdentifier(
            f"{len(newest)} logs have a dataset {title!r}; give the beginning of its digest, which "
            "`vasculum dataset ls` tells."
        )
    return newest[min(newest)]


def _known(
    node: Node, origins: dict[int, str | None], digest: Digest, log: int, log_index: int
) -> KnownDataset:
    statement: Statement = parse_statement(node.store.read(digest))
    origin = origins.get(log) or node.log_key.name
    return KnownDataset(digest, read_dataset_version(statement), origin, log, log_index)
