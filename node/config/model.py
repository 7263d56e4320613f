"""The values of node.toml."""

from __future__ import annotations

from dataclasses import dataclass, field

from hashstore.digest import Digest
from node.config.accounts import AccountsConfig, OidcConfig
from node.config.analysis import AnalysisConfig
from node.config.iiif import IiifConfig
from node.config.notices import JobsConfig, MailConfig, WebhookConfig
from node.config.sensitive import SensitiveConfig
from provenance.cosignature import CosignerKey


@dataclass(frozen=True, slots=True)
class IdentityConfig:
    """Who this node is.

    Attributes:
        name: The institution, as it stands in statements and citations.
        origin: The name of the node's log (C2SP tlog-checkpoint): a schema-less URL without spaces.
    """

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class CrawlConfig:
    """How politely and how far this node fetches.

    Attributes:
        max_per_host: Connections to one host at a time.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait between two pieces of an answer.
        attempts: How often a request is tried before it counts as failed.
        max_image_bytes: A larger image is refused.
        max_archive_bytes: A larger archive, feed or list is refused.
        allow_private: Whether addresses inside private networks may be fetched.
        robots: Whether robots.txt is asked before a host is fetched from.
        honour_tdm: Whether images that their server reserves from text and data mining (TDMRep) stay there.
        contact: An address that museums see in our user agent; may be empty.
    """

    max_per_host: int = 4
    connect_timeout: float = 20.0
    read_timeout: float = 60.0
    attempts: int = 3
    max_image_bytes: int = 2 * 1024**3
    max_archive_bytes: int = 20 * 1024**3
    allow_private: bool = False
    robots: bool = True
    honour_tdm: bool = True
    contact: str = ""


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """How much this node gives to those who ask it over HTTP.

    Attributes:
        requests_per_second: From one address; 0 for no limit. Bandwidth is for the web server in front.
        burst: So many requests at once from one address.
        connections: Requests that one worker answers at a time.
    """

    requests_per_second: float = 500.0
    burst: float = 5000.0
    connections: int = 256


@dataclass(frozen=True, slots=True)
class FollowConfig:
    """How much room followed logs may take.

    Attributes:
        most_bytes: What the entries, statements and segments of one log may have together, where `peer add`
            says nothing else. Images do not count: mirrors have quotas of their own.
        keep_free: So many bytes of the disk stay free: with less, nothing is fetched.
    """

    most_bytes: int = 256 * 1024**3
    keep_free: int = 1024**3


@dataclass(frozen=True, slots=True)
class ReplicationConfig:
    """How safe slices shall be.

    Attributes:
        copies: With fewer copies of any of its images, `replicas` warns of a slice.
    """

    copies: int = 2


@dataclass(frozen=True, slots=True)
class SearchConfig:
    """How filters that are asked here are read.

    Attributes:
        checklist: The digest of the checklist by which `taxon` is asked; empty for none.
    """

    checklist: str = ""

    @property
    def digest(self) -> Digest | None:
        """That digest."""
        return Digest.parse(self.checklist) if self.checklist else None


@dataclass(frozen=True, slots=True)
class WithholdRule:
    """Rows whose `column` holds one of `values` stay in this house, with all that hangs on them.

    Attributes:
        column: A column of the specimen table, such as `collectionCode`.
        values: Whole values; case, blanks around them, and how accents are composed make no difference.
    """

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """What must not leave."""

    withhold: tuple[WithholdRule, ...] = ()


@dataclass(frozen=True, slots=True)
class StorageConfig:
    """Where bytes rest besides the node's own folder.

    Attributes:
        archive: A folder, or the URL of a bucket, that holds what is rarely read; empty for none.
        archive_after_days: `tier apply` moves what has lain so long in the active tier; 0 for nothing.
        archive_withheld: Whether withheld images and files may be moved there too.
        recall: Whether what is read out of the archive is kept in the active tier again.
    """

    archive: str = ""
    archive_after_days: int = 0
    archive_withheld: bool = False
    recall: bool = True


@dataclass(frozen=True, slots=True)
class AskedWitness:
    """A witness that is asked to cosign this node's checkpoints.

    Attributes:
        url: Its submission prefix (C2SP tlog-witness), to which `/add-checkpoint` is added.
        key: Its verifier key, got from its operator.
    """

    url: str
    key: CosignerKey


@dataclass(frozen=True, slots=True)
class WitnessConfig:
    """Who cosigns this node's checkpoints.

    Attributes:
        threshold: How many of them make a checkpoint strong.
        asked: Whom to ask.
        timeout: Seconds to wait for each.
    """

    threshold: int = 1
    asked: tuple[AskedWitness, ...] = ()
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class WithdrawalConfig:
    """Whose notices of withdrawal count beyond what they published themselves.

    Attributes:
        authorities: Identity keys (`did:key:...`).
    """

    authorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that node.toml says."""

    identity: IdentityConfig
    crawl: CrawlConfig = field(default_factory=CrawlConfig)
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    serve: ServeConfig = field(default_factory=ServeConfig)
    storage: StorageConfig = field(default_factory=StorageConfig)
    witness: WitnessConfig = field(default_factory=WitnessConfig)
    sensitive: SensitiveConfig = field(default_factory=SensitiveConfig)
    withdrawal: WithdrawalConfig = field(default_factory=WithdrawalConfig)
    replication: ReplicationConfig = field(default_factory=ReplicationConfig)
    follow: FollowConfig = field(default_factory=FollowConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    jobs: JobsConfig = field(default_factory=JobsConfig)
    mail: MailConfig = field(default_factory=MailConfig)
    webhooks: WebhookConfig = field(default_factory=WebhookConfig)
    analysis: AnalysisConfig = field(default_factory=AnalysisConfig)
    iiif: IiifConfig = field(default_factory=IiifConfig)
    accounts: AccountsConfig = field(default_factory=AccountsConfig)
    oidc: OidcConfig | None = None

    @property
    def withholds(self) -> bool:
        """Whether any record may have to be withheld, so that what cannot be read must be withheld, too."""
        return bool(self.policy.withhold or self.sensitive.rules)
