"""Pictures that were made out of others, such as crops: out of which, where in it, by which run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hashstore.digest import Digest
from node.index import Index
from node.look.history import Row, with_uri
from node.policy import Principal, may_read

_MADE = """
SELECT t.*, leaf.segment, s.digest AS statement, s.log_index AS statement_index, s.iri
FROM finding t JOIN leaf USING (log, log_index)
JOIN statement s ON s.log = leaf.log AND s.digest = leaf.statement
WHERE t.{column} = ? AND t.derivative IS NOT NULL ORDER BY t.log, t.log_index, t.row
"""


@dataclass(frozen=True, slots=True)
class Derivation:
    """One time that a picture was made out of another.

    Attributes:
        picture: What was made.
        image: Out of which.
        finding: The row that says so, with its `rowUri`.
        run: The statement of the run: `digest`, `iri`, `log`, `log_index`.
    """

    picture: Digest
    image: Digest
    finding: Row
    run: Row

    @property
    def fields(self) -> dict[str, Any]:
        """As JSON: the region is absent where it is the whole image."""
        found = self.finding
        told = {
            "picture": self.picture.uri,
            "wasDerivedFrom": self.image.uri,
            "region": found["region"],
            "kind": found["kind"],
            "mediaType": found["mediaType"],
            "row": found["rowUri"],
            "run": Digest(self.run["digest"]).uri,
        }
        return {name: value for name, value in told.items() if value is not None}


def made_of(index: Index, digest: Digest, principal: Principal) -> tuple[Derivation, ...]:
    """The pictures that were made out of an image."""
    return tuple(_derivations(index, "digest", digest, principal))


def made_from(index: Index, digest: Digest, principal: Principal) -> tuple[Derivation, ...]:
    """Out of what a picture was made, and out of what that was, back to images that came from elsewhere."""
    waiting, seen, found = [digest], {digest}, list[Derivation]()
    while waiting:
        for one in _derivations(index, "derivative", waiting.pop(), principal):
            found.append(one)
            if one.image not in seen:  # whoever names a circle shall not hold us in it
                seen.add(one.image)
                waiting.append(one.image)
    return tuple(found)


def _derivations(index: Index, column: str, digest: Digest, principal: Principal) -> Iterator[Derivation]:
    for row in index.rows(_MADE.format(column=column), [digest.raw]):
        if may_read(principal, row):
            run = {"digest": row.pop("statement"), "iri": row.pop("iri"), "log": row["log"]}
            run["log_index"] = row.pop("statement_index")
            yield Derivation(Digest(row["derivative"]), Digest(row["digest"]), with_uri(row), run)
