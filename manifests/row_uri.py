"""The address of one row: its segment's digest and its number, in the manner of RFC 7111."""

import re
from dataclasses import dataclass

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from manifests.errors import MalformedAddress
from manifests.segment.value import MAX_ROWS

_FRAGMENT = re.compile(r"row=([1-9][0-9]{0,5})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class RowUri:
    """`hash://sha256/<segment>#row=N`.

    Attributes:
        segment: Digest of the segment.
        row: The row's number, counted from 1 to 500,000.
    """

    segment: Digest
    row: int

    def __post_init__(self) -> None:
        if not 1 <= self.row <= MAX_ROWS:
            raise MalformedAddress(
                f"rows of a segment are numbered 1 to {MAX_ROWS}, so there is no {self.row}"
            )

    @classmethod
    def parse(cls, text: str) -> "RowUri":
        """Read a row URI; the digest may be in any of its written forms.

        Raises:
            MalformedAddress: The text is no row URI.
        """
        digest, mark, fragment = text.partition("#")
        number = _FRAGMENT.fullmatch(fragment)
        if not mark or not number:
            raise MalformedAddress(f"{text!r} is no row URI; it should end like #row=42")
        try:
            return cls(Digest.parse(digest), int(number[1]))
        except MalformedDigest as error:
            raise MalformedAddress(f"{text!r} is no row URI: {error}") from error

    @property
    def index(self) -> int:
        """The row's place in the Merkle tree, counted from 0."""
        return self.row - 1

    def print(self) -> str:
        """The one canonical form."""
        return f"{self.segment.uri}#row={self.row}"

    def __str__(self) -> str:
        return self.print()
