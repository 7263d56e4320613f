"""What the operator decides, read from node.toml and checked before anything runs."""

from node.config.model import (
    AskedWitness,
    Config,
    CrawlConfig,
    FollowConfig,
    IdentityConfig,
    PolicyConfig,
    ReplicationConfig,
    SearchConfig,
    ServeConfig,
    StorageConfig,
    WithdrawalConfig,
    WithholdRule,
    WitnessConfig,
)
from node.config.notices import JobsConfig, MailConfig, WebhookConfig
from node.config.reader import parse_config, read_config
from node.config.sensitive import SensitiveConfig, SensitiveRule
from node.config.writer import new_config_text, text_with_origin

__all__ = [
    "AskedWitness",
    "Config",
    "CrawlConfig",
    "FollowConfig",
    "IdentityConfig",
    "JobsConfig",
    "MailConfig",
    "PolicyConfig",
    "ReplicationConfig",
    "SearchConfig",
    "SensitiveConfig",
    "SensitiveRule",
    "ServeConfig",
    "StorageConfig",
    "WebhookConfig",
    "WithdrawalConfig",
    "WithholdRule",
    "WitnessConfig",
    "new_config_text",
    "parse_config",
    "read_config",
    "text_with_origin",
]
