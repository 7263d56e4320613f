"""What can go wrong with tables, segments and proofs: one root, so that a caller can catch them all."""


class ManifestError(Exception):
    """Root of every error that this package raises."""


class UnknownSchema(ManifestError):
    """A segment or a leaf names a table schema that this program does not know."""


class InvalidRow(ManifestError):
    """A row does not fit its schema, or holds what a canonical row cannot hold."""


class MalformedAddress(ManifestError):
    """A text is no row URI, or no source row address."""


class DamagedSegment(ManifestError):
    """A segment's file is not what its description says."""


class CannotRead(ManifestError):
    """Memory ran out, or the disk failed, while something was read: that says nothing against it."""


class InvalidRowProof(ManifestError):
    """A row proof does not lead from its row to its root."""


class IncompleteCitation(ManifestError):
    """A thing cannot be cited, since a part that every format needs is missing."""


class FilterRefused(ManifestError):
    """A filter cannot be read, or asks for more than a filter may; `where` is the place in its tree."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"The filter is refused at {where}: {problem}.")
        self.where = where


class DamagedMembers(ManifestError):
    """A member list is not sorted, not whole, or not what its root says."""
