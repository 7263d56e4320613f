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
    """A filter cannot be read, or asks for more than a filter may.

    Attributes:
        where: The place: a path in its tree, or line and column of its text.
        problem: What is wrong there.
    """

    def __init__(self, where: str, problem: str, shown: str = "") -> None:
        """Say what is wrong.

        Args:
            where: The place.
            problem: What is wrong there, without a full stop.
            shown: Lines that point at the place, for people.
        """
        super().__init__(f"The filter is refused at {where}: {problem}." + (f"\n{shown}" if shown else ""))
        self.where = where
        self.problem = problem


class DamagedChecklist(ManifestError):
    """A file is no checklist."""

    def __init__(self, problem: str) -> None:
        """Say what is wrong, without a full stop."""
        super().__init__(f"The checklist cannot be used: {problem}.")


class DamagedMembers(ManifestError):
    """A member list is not sorted, not whole, or not what its root says."""


class DamagedManifest(ManifestError):
    """A dataset's manifest is not in its one written form, not in order, or not what its statement says."""


class RecipeRefused(ManifestError):
    """What is to be made of a slice contradicts itself, or asks for what there is not."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The dataset is refused: {problem}.")


class LabelsRefused(ManifestError):
    """A labels file cannot be read; the message names the line."""


class LicencesRefused(ManifestError):
    """The licences of members are unknown, contradictory, or do not go with that of the whole."""


class EventsRefused(ManifestError):
    """A work that cites cannot be named so, or a file of events cannot be read."""
