"""What the operator decides, read from node.toml and checked before anything runs."""

from node.config.model import (
    Config,
    CrawlConfig,
    IdentityConfig,
    PolicyConfig,
    WithdrawalConfig,
    WithholdRule,
)
from node.config.reader import parse_config, read_config
from node.config.sensitive import SensitiveConfig, SensitiveRule
from node.config.writer import new_config_text

__all__ = [
    "Config",
    "CrawlConfig",
    "IdentityConfig",
    "PolicyConfig",
    "SensitiveConfig",
    "SensitiveRule",
    "WithdrawalConfig",
    "WithholdRule",
    "new_config_text",
    "parse_config",
    "read_config",
]
