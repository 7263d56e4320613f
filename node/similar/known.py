"""The indexes of vectors that some log tells of, and their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzers.vectors.members import read_members
from analyzers.vectors.search import VectorIndex as OpenIndex
from analyzers.vectors.search import open_index
from hashstore.canonical import parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.analysis.errors import AnalysisError
from node.compose import Node
from node.index import Index
from node.slices.bringing import Fetch
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.kinds import VectorIndex
from provenance.statement.kinds.vector_index import read_vector_index

_USUAL: Final = "embedding"


class NoIndex(AnalysisError):
    """No index of vectors is known, or none that is meant."""


@dataclass(frozen=True, slots=True)
class KnownVectors:
    """An index in a log.

    Attributes:
        digest: The statement.
        made: What it says.
        log: The number of the log in the node's index.
    """

    digest: Digest
    made: VectorIndex
    log: int

    @property
    def blobs(self) -> tuple[Digest, ...]:
        """All that it takes to search it: its bytes, its members, and of which analyzer its vectors are."""
        made = self.made
        return (made.index, made.members, made.analyzer, made.parameters)


def known_vectors(node: Node, index: Index) -> Iterator[KnownVectors]:
    """All of them, own ones first, the newest of each log first; not those that are garbled."""
    query = "SELECT digest, log FROM statement WHERE kind = 'VectorIndex' ORDER BY log, log_index DESC"
    for row in index.rows(query):
        digest = Digest(row["digest"])
        try:
            made = read_vector_index(parse_statement(node.store.read(digest)))
        except (ProvenanceError, HashstoreError):
            continue
        yield KnownVectors(digest, made, row["log"])


def newest_vectors(node: Node, index: Index) -> list[KnownVectors]:
    """Of each log the newest index of each analyzer with each set of parameters: what is worth having."""
    found: dict[tuple[int, Digest, Digest, str], KnownVectors] = {}
    for known in known_vectors(node, index):
        made = known.made
        found.setdefault((known.log, made.analyzer, made.parameters, made.kind), known)
    return list(found.values())


def choose_vectors(node: Node, index: Index, text: str | None) -> KnownVectors:
    """The index that a person means, by the start of its statement's digest; by default the newest own one.

    Raises:
        NoIndex: there is none.
    """
    for known in known_vectors(node, index):
        if text is None or known.digest.hex.startswith(text.removeprefix("hash://sha256/")):
            return known
    raise NoIndex(
        "No index of vectors is known here. Make one: vasculum analyze embedding, then "
        "vasculum index similar; or follow a node that has one."
        if text is None
        else f"No index of vectors begins with {text}."
    )


def open_vectors(node: Node, known: KnownVectors, fetch: Fetch) -> OpenIndex:
    """Bring an index's bytes, if they are not here, and make it ready.

    Raises:
        AnalysisError: nobody has them.
        DamagedIndex: they are not what their statement says.
    """
    wanted = [known.made.index, known.made.members]
    list(fetch([digest for digest in known.blobs if not node.store.contains(digest)]))
    if lacking := [digest for digest in wanted if not node.store.contains(digest)]:
        raise AnalysisError(
            f"{lacking[0].uri} of the index is nowhere to be had; try again when peers are up."
        )
    data, members = (node.store.read(digest) for digest in wanted)
    opened = open_index(data, read_members(members))
    check_recipe(known.made, opened)
    return opened


def check_recipe(made: VectorIndex, opened: OpenIndex) -> None:
    """Whether an index is the one that its statement tells of.

    Raises:
        AnalysisError: it is one of other vectors; its hits would be told under an analyzer's name that is
            not theirs.
    """
    recipe = opened.recipe
    said = (made.analyzer, made.parameters, made.kind, made.members_root, made.count)
    if (recipe.analyzer, recipe.parameters, recipe.kind, recipe.members, recipe.count) != said:
        raise AnalysisError(f"The index {made.index.uri} was made of other vectors than its statement says.")


@dataclass(frozen=True, slots=True)
class Maker:
    """Which analyzer made an index's vectors.

    Attributes:
        name: Its name.
        version: Its version; empty if its identity is not here to tell.
    """

    name: str
    version: str

    @property
    def text(self) -> str:
        """`embedding@1`."""
        return f"{self.name}@{self.version}" if self.version else self.name


def maker_of(node: Node, known: KnownVectors) -> Maker:
    """The analyzer that made an index's vectors, as far as its identity is here to tell."""
    try:
        document = parse_json(node.store.read(known.made.analyzer))
    except HashstoreError:
        return Maker(_USUAL, "")
    name, version = (
        (document.get("name"), document.get("version")) if isinstance(document, dict) else (None, None)
    )
    if not (isinstance(name, str) and isinstance(version, str)):
        return Maker(_USUAL, "")
    return Maker(name, version)
