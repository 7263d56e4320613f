"""Names of what is said of images and decided about it, and of who says so (spec/annotations.md). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import InvalidRow
from manifests.row import canonical_row
from manifests.tables import ANNOTATION

DECISIONS: Final = ("accepted", "rejected", "amended")
MOTIVATIONS: Final = frozenset(
    {
        "assessing", "bookmarking", "classifying", "commenting", "describing", "editing", "highlighting",
        "identifying", "linking", "moderating", "questioning", "replying", "tagging",
    }
)  # fmt: skip
"""Those of W3C Web Annotation Vocabulary, section 2.4."""

_NO_CONTENT: Final = ("annotation", "salt")
_PLACE: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_ORCID: Final = re.compile(r"https://orcid\.org/((?:[0-9]{4}-){3}[0-9]{3}[0-9X])", re.ASCII)
_DID_KEY: Final = re.compile(r"did:key:z[1-9A-HJ-NP-Za-km-z]{20,200}", re.ASCII)
_UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is about: a machine's finding, or a person's annotation.

    Attributes:
        digest: The key of the finding's analysis, or the annotation.
        place: The finding's place among those of its key, from 1; None for an annotation.
    """

    digest: Digest
    place: int | None = None

    @property
    def text(self) -> str:
        """`hash://sha256/<key>#<place>`, or `hash://sha256/<annotation>`."""
        return self.digest.uri if self.place is None else f"{self.digest.uri}#{self.place}"


def parse_subject(text: str) -> Subject:
    """Read the name of a finding or of an annotation.

    Raises:
        InvalidRow: It is none, or written in another way.
    """
    name, hash_sign, place = text.partition("#")
    try:
        digest = Digest.parse(name)
    except HashstoreError as error:
        raise InvalidRow(f"{text!r} names neither a finding nor an annotation: {error}") from error
    if digest.uri != name or (hash_sign and not _PLACE.fullmatch(place)):
        raise InvalidRow(
            f"{text!r} names neither a finding nor an annotation. A finding is hash://sha256/<key>#<place>, "
            "an annotation hash://sha256/<digest>."
        )
    return Subject(digest, int(place) if hash_sign else None)


def annotation_name(row: Mapping[str, Any]) -> Digest:
    """The name of an annotation: SHA-256 of the canonical form of its row without name and salt.

    Args:
        row: Values by column name, as Arrow gives them; whether it holds its name already does not matter.

    Raises:
        InvalidRow: A value does not fit its column.
    """
    content = {name: row.get(name) for name in ANNOTATION.names if name not in _NO_CONTENT}
    return Digest.of(canonical_row(ANNOTATION, content))


def is_agent(text: str) -> bool:
    """Whether a text names a person or an account as it may be published.

    An ORCID whose check digit is right, a `did:key`, or the `urn:uuid:` of an account: never a mail address.
    """
    if found := _ORCID.fullmatch(text):
        return _orcid_check(found[1].replace("-", ""))
    return bool(_DID_KEY.fullmatch(text) or _UUID.fullmatch(text))


def _orcid_check(digits: str) -> bool:
    """ISO 7064, MOD 11-2, which ORCID uses for its last character."""
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]
