"""How an index is made: whoever has the same vectors and the same recipe makes the same index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from analyzers.errors import DamagedIndex
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from manifests.terms import VASCULUM

TYPE: Final = f"{VASCULUM}VectorIndexRecipe"
FLAT, BYTES, LISTS = "Flat", "SQ8", "IVF1024,SQ8"
MOST_FLAT: Final = 20_000
MOST_BYTES: Final = 200_000
NUMBER_OF_LISTS: Final = 1_024
ENVIRONMENT: Final = ("faiss-cpu", "numpy")


@dataclass(frozen=True)
class Recipe:
    """What an index is made of, and how.

    Attributes:
        analyzer: The identity of the analyzer that made the vectors.
        parameters: The digest of its parameters.
        kind: Which of its findings the vectors are.
        members: The root over the members.
        count: How many there are.
        width: Coordinates of a vector.
        method: By the name that faiss has for it: `Flat`, `SQ8` or `IVF1024,SQ8`.
        environment: The versions of the packages that matter, by name.
    """

    analyzer: Digest
    parameters: Digest
    kind: str
    members: Digest
    count: int
    width: int
    method: str
    environment: Mapping[str, str]

    def document(self) -> dict[str, Json]:
        """The recipe as JSON."""
        return {
            "type": TYPE,
            "analyzer": self.analyzer.uri,
            "parameters": self.parameters.uri,
            "kind": self.kind,
            "members": self.members.uri,
            "count": self.count,
            "width": self.width,
            "method": self.method,
            "environment": dict(self.environment),
        }

    @property
    def digest(self) -> Digest:
        """What names it: SHA-256 of its canonical JSON."""
        return Digest.of(canonical_json(self.document()))


def method_for(count: int) -> str:
    """Every coordinate as it is, up to 20,000; then a byte each; from 200,000 on also sorted into lists."""
    if count <= MOST_FLAT:
        return FLAT
    return BYTES if count <= MOST_BYTES else LISTS


def read_recipe(document: Any) -> Recipe:
    """The recipe that `Recipe.document` wrote.

    Raises:
        DamagedIndex: It is none, or one of a method that is not known here.
    """
    try:
        recipe = Recipe(
            Digest.parse(document["analyzer"]),
            Digest.parse(document["parameters"]),
            str(document["kind"]),
            Digest.parse(document["members"]),
            int(document["count"]),
            int(document["width"]),
            str(document["method"]),
            MappingProxyType({str(name): str(one) for name, one in document["environment"].items()}),
        )
        if document != recipe.document() or recipe.method not in (FLAT, BYTES, LISTS):
            raise DamagedIndex("The recipe of an index has members, or a method, that are not known here.")
    except (KeyError, TypeError, ValueError, AttributeError, MalformedDigest) as error:
        raise DamagedIndex(f"This is no recipe of an index: {error!r}") from error
    return recipe
