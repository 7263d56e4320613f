"""What can go wrong in a node, said so that a curator knows what to do next."""


class NodeError(Exception):
    """Root of every error that the node package raises; the CLI exits with `exit_code`."""

    exit_code = 1


class ConfigError(NodeError):
    """node.toml is missing, malformed or asks for something that does not exist."""


class NodeNotFound(NodeError):
    """No node at the given directory."""


class NodeBusy(NodeError):
    """Another process is writing to this node."""


class NotFound(NodeError):
    """Nothing in this node answers to the identifier."""


class AmbiguousIdentifier(NodeError):
    """A prefix fits several digests."""

    exit_code = 2


class Withheld(NodeError):
    """Policy refuses the read; whether the thing exists is not said to the public."""


class Withdrawn(NodeError):
    """What was public here has been taken back."""


class JournalError(NodeError):
    """The crawl journal cannot be read or written."""


class IndexUnusable(NodeError):
    """The index is absent or damaged; `vasculum index rebuild` makes it anew."""


class BlobUnusable(NodeError):
    """A blob that the log names is missing or damaged."""


class SourceRefused(NodeError):
    """A source as a whole cannot be tracked."""


class PeerError(NodeError):
    """A peer cannot be reached, does not say what a node says, or its log cannot be followed."""


class CannotExamine(NodeError):
    """Something could not be read within this machine's limits: it may be sound, and is not refused."""


class LimitReached(NodeError):
    """A followed log has as many bytes here as its operator lets it have."""


class DiskNearlyFull(NodeError):
    """Less room is left on the disk than the operator wants to keep free."""


class JobError(NodeError):
    """A job cannot be submitted, found or run."""


class JobRefused(JobError):
    """A job asks for what it will never get: trying again would not help."""


class JobStateError(JobError):
    """A job does not stand where it would have to for what is wanted of it."""


class TooManyJobs(JobError):
    """A user has as many jobs waiting as one user may."""


class NoticeError(NodeError):
    """A watch cannot be kept, or nobody can be told of what it saw."""


class SliceError(NodeError):
    """A slice cannot be resolved or kept: its logs are not here, differ, or do not reach so far."""


class SearchRefused(NodeError):
    """A search asks for what there is not; `where` is the option or parameter."""

    exit_code = 2

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"The search is refused at {where}: {problem}.")
        self.where = where


class SearchNotReady(NodeError):
    """What is searched is being made."""


class SearchBusy(NodeError):
    """As many are asking as can be answered at a time."""


class ChecklistError(NodeError):
    """A checklist cannot be made or had."""


class NoChecklist(ChecklistError):
    """What a filter names as a checklist is here, and is none: no node could ask by it."""

    exit_code = 2


class DatasetError(NodeError):
    """A dataset cannot be made, found, brought or told of."""


class MalformedImageRequest(NodeError):
    """An image is asked for as the IIIF Image API does not know it, or as its size does not allow."""


class ImageCacheError(NodeError):
    """What was made of images cannot be listed."""
