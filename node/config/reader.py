"""node.toml to values: every mistake is found, and each is named with its place."""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from manifests.tables import SPECIMEN
from manifests.tables.interpreted import INTERPRETED
from node.config.accounts import AccountsConfig, OidcConfig
from node.config.analysis import read_analysis
from node.config.iiif import IiifConfig
from node.config.model import (
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
)
from node.config.notices import JobsConfig, MailConfig, WebhookConfig, check_mail
from node.config.sensitive import parse_sensitive, with_files
from node.config.witness import read_witness
from node.errors import ConfigError
from node.storage.address import parse_address
from provenance.errors import MalformedKey
from provenance.keys import parse_public_key

# Controls, lone surrogates, line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIGEST = re.compile("hash://sha256/[0-9a-f]{64}")
_ORIGIN = re.compile(r"[^\s+]{1,255}")
Section = TypeVar(
    "Section", IdentityConfig, CrawlConfig, ServeConfig, StorageConfig, ReplicationConfig, JobsConfig,
    MailConfig, WebhookConfig, FollowConfig, SearchConfig, IiifConfig,
    AccountsConfig, OidcConfig,
)  # fmt: skip


def read_config(path: Path) -> Config:
    """Read and check a node.toml.

    Raises:
        ConfigError: naming the file and each fault in it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows editors begin a file with a mark
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read {path}: {error}") from error
    config = parse_config(text, str(path))
    faults: list[str] = []
    config = replace(config, sensitive=with_files(config.sensitive, path.parent, faults))
    _refuse(faults, str(path))
    return config


def parse_config(text: str, where: str = "node.toml") -> Config:
    """Check the text of a node.toml and return its values.

    Raises:
        ConfigError: with one line for each fault.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}") from error
    faults: list[str] = []
    known = {
        "accounts",
        "analysis",
        "node",
        "crawl",
        "follow",
        "iiif",
        "jobs",
        "mail",
        "policy",
        "replication",
        "search",
        "sensitive",
        "serve",
        "storage",
        "webhooks",
        "withdrawal",
        "witness",
    }
    _unknown(document, known, "", faults)
    identity = _section(IdentityConfig, _table(document, "node", faults), "node", faults)
    crawl = _section(CrawlConfig, _table(document, "crawl", faults), "crawl", faults)
    policy = _policy(_table(document, "policy", faults), faults)
    serve = _section(ServeConfig, _table(document, "serve", faults), "serve", faults)
    storage = _storage(_table(document, "storage", faults), faults)
    witness = read_witness(_table(document, "witness", faults), faults)
    sensitive = parse_sensitive(_table(document, "sensitive", faults), faults)
    withdrawal = _withdrawal(_table(document, "withdrawal", faults), faults)
    replication = _section(ReplicationConfig, _table(document, "replication", faults), "replication", faults)
    follow = _section(FollowConfig, _table(document, "follow", faults), "follow", faults)
    search = _section(SearchConfig, _table(document, "search", faults), "search", faults)
    jobs = _section(JobsConfig, _table(document, "jobs", faults), "jobs", faults)
    mail = _mail(_table(document, "mail", faults), faults)
    webhooks = _section(WebhookConfig, _table(document, "webhooks", faults), "webhooks", faults)
    analysis = read_analysis(_table(document, "analysis", faults), faults)
    iiif = _section(IiifConfig, _table(document, "iiif", faults), "iiif", faults)
    accounts_table = dict(_table(document, "accounts", faults))
    oidc_table = {"oidc": accounts_table.pop("oidc")} if "oidc" in accounts_table else None
    oidc = oidc_table and _section(OidcConfig, _table(oidc_table, "oidc", faults), "accounts.oidc", faults)
    accounts = _section(AccountsConfig, accounts_table, "accounts", faults)
    _refuse(faults, where)
    assert identity is not None
    assert follow is not None
    assert crawl is not None
    assert serve is not None
    assert replication is not None
    assert search is not None
    assert jobs is not None
    assert webhooks is not None
    assert iiif is not None
    assert accounts is not None
    return Config(
        identity, crawl, policy, serve=serve, storage=storage, witness=witness, sensitive=sensitive,
        withdrawal=withdrawal, replication=replication, follow=follow, search=search, jobs=jobs,
        mail=mail, webhooks=webhooks, analysis=analysis, iiif=iiif,
        accounts=accounts, oidc=oidc or None,
    )  # fmt: skip


def _refuse(faults: list[str], where: str) -> None:
    if faults:
        raise ConfigError(f"{where}: this needs mending:\n" + "\n".join(f"  - {fault}" for fault in faults))


def _table(document: Mapping[str, Any], name: str, faults: list[str]) -> Mapping[str, Any]:
    value = document.get(name, {})
    if isinstance(value, Mapping):
        return value
    faults.append(f"[{name}] must be a table")
    return {}


def _unknown(table: Mapping[str, Any], known: set[str], prefix: str, faults: list[str]) -> None:
    faults.extend(
        f"{prefix}{key}: no such setting; known are {', '.join(sorted(known))}"
        for key in table
        if key not in known
    )


def _section(kind: type[Section], table: Mapping[str, Any], name: str, faults: list[str]) -> Section | None:
    before = len(faults)
    known = {field.name: field for field in fields(kind)}
    _unknown(table, set(known), f"{name}.", faults)
    values: dict[str, Any] = {}
    for key, field in known.items():
        if key in table:
            expected = {"str": str, "int": int, "float": float, "bool": bool}[str(field.type)]
            values[key] = _checked(table[key], expected, f"{name}.{key}", faults)
        elif field.default is MISSING:
            faults.append(f"{name}.{key}: is missing")
    return kind(**values) if len(faults) == before else None


def _checked(value: Any, expected: type, where: str, faults: list[str]) -> Any:
    """A value of the expected type and in its bounds; else the fault is noted."""
    if expected is float and type(value) is int:
        value = float(value)
    if type(value) is not expected:
        faults.append(f"{where}: must be {_WORDS[expected]}, not {value!r}")
    elif value == "" and where != "crawl.contact":
        faults.append(f"{where}: must not be empty")
    elif where in _BOUNDS and not _BOUNDS[where][0](value):
        faults.append(f"{where}: must be {_BOUNDS[where][1]}")
    return value


_WORDS = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
_AT_LEAST_ONE = (lambda value: value >= 1, "at least 1")
_UP_TO_64 = (lambda value: 1 <= value <= 64, "from 1 to 64")
_NOT_NEGATIVE = (lambda value: 0 <= value < math.inf, "0 or more")
_SECONDS = (lambda value: 0 < value < math.inf, "more than 0 seconds")
_BOUNDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "node.name": (
        lambda value: all(unicodedata.category(letter) not in _UNPRINTABLE for letter in value),
        "valid text on one line",
    ),
    "node.origin": (
        lambda value: value.isprintable() and _ORIGIN.fullmatch(value) is not None,
        "1 to 255 characters without white space, controls or '+'",
    ),
    "accounts.idle_hours": (lambda value: 0 < value <= 8784, "more than 0, up to 8784 hours"),
    "accounts.oidc.issuer": (
        lambda value: (
            re.fullmatch(r"https://\S+|http://(?:127\.0\.0\.1|localhost)(?::\d+)?(?:/\S*)?", value)
            is not None
        ),
        "an address with https",
    ),
    "accounts.oidc.role": (
        lambda value: value in ("reader", "contributor", "reviewer"),
        "reader, contributor or reviewer",
    ),
    "accounts.longest_days": (lambda value: 0 < value <= 366, "more than 0, up to 366 days"),
    "crawl.max_per_host": _AT_LEAST_ONE,
    "crawl.attempts": _AT_LEAST_ONE,
    "crawl.max_image_bytes": _AT_LEAST_ONE,
    "crawl.max_archive_bytes": _AT_LEAST_ONE,
    "serve.requests_per_second": _NOT_NEGATIVE,
    "serve.burst": (lambda value: 1 <= value < math.inf, "at least 1"),
    "serve.connections": _AT_LEAST_ONE,
    "search.checklist": (lambda value: _DIGEST.fullmatch(value) is not None, "a digest, hash://sha256/..."),
    "replication.copies": _AT_LEAST_ONE,
    "iiif.cache_bytes": _AT_LEAST_ONE,
    "iiif.decoders": (lambda value: 0 <= value <= 256, "from 0 to 256"),
    "iiif.memory": (lambda value: value >= 1 << 29, "at least 536870912, half a GiB"),
    "iiif.seconds": _SECONDS,
    "iiif.pyramid_seconds": _SECONDS,
    "iiif.most_pixels": _AT_LEAST_ONE,
    "iiif.most_sent": _AT_LEAST_ONE,
    "follow.most_bytes": _AT_LEAST_ONE,
    "follow.keep_free": (lambda value: value >= 0, "0 or more"),
    "jobs.at_once": _UP_TO_64,
    "jobs.running_per_user": _AT_LEAST_ONE,
    "jobs.waiting_per_user": _AT_LEAST_ONE,
    "jobs.attempts": _UP_TO_64,
    "jobs.retry_seconds": _SECONDS,
    "jobs.longest_hours": _NOT_NEGATIVE,
    "jobs.keep_days": _AT_LEAST_ONE,
    "mail.port": (lambda value: 1 <= value <= 65535, "a port from 1 to 65535"),
    "mail.security": (lambda value: value in ("starttls", "tls", "none"), "starttls, tls or none"),
    "mail.timeout": _SECONDS,
    "webhooks.timeout": _SECONDS,
    "webhooks.attempts": _UP_TO_64,
    "crawl.connect_timeout": _SECONDS,
    "crawl.read_timeout": _SECONDS,
    "storage.archive_after_days": (lambda value: value >= 0, "a number of days, 0 for never"),
    # It travels in an HTTP header.
    "crawl.contact": (
        lambda value: value.isascii() and value.isprintable(),
        "plain ASCII on one line, such as a mail address",
    ),
}


def _storage(table: Mapping[str, Any], faults: list[str]) -> StorageConfig:
    storage = _section(StorageConfig, table, "storage", faults) or StorageConfig()
    if storage.archive:
        try:
            parse_address(storage.archive)
        except ConfigError as error:
            faults.append(f"storage.archive: {error}")
    elif storage.archive_after_days:
        faults.append("storage.archive_after_days: needs storage.archive to say where")
    return storage


def _mail(table: Mapping[str, Any], faults: list[str]) -> MailConfig:
    mail = _section(MailConfig, table, "mail", faults) or MailConfig()
    check_mail(mail, table, faults)
    return mail


def _policy(table: Mapping[str, Any], faults: list[str]) -> PolicyConfig:
    _unknown(table, {"withhold"}, "policy.", faults)
    rules = table.get("withhold", [])
    if not isinstance(rules, list):
        faults.append("policy.withhold: must be a list of tables, [[policy.withhold]]")
        return PolicyConfig()
    return PolicyConfig(tuple(_rule(rule, number, faults) for number, rule in enumerate(rules, 1)))


def _rule(rule: Any, number: int, faults: list[str]) -> WithholdRule:
    where = f"policy.withhold number {number}"
    if not isinstance(rule, Mapping) or set(rule) != {"column", "values"}:
        faults.append(f"{where}: needs exactly `column` and `values`")
        return WithholdRule("", ())
    column, values = rule["column"], rule["values"]
    # What is interpreted is made after it is settled what is withheld.
    known = {c.name for c in SPECIMEN.columns if c.type == "string"} - INTERPRETED
    if not isinstance(column, str) or column not in known:
        faults.append(f"{where}: {column!r} is no text column of the specimen table")
    if not (isinstance(values, list) and values and all(isinstance(v, str) for v in values)):
        faults.append(f"{where}: `values` must be a list of texts")
        values = []
    return WithholdRule(str(column), tuple(values))


def _withdrawal(table: Mapping[str, Any], faults: list[str]) -> WithdrawalConfig:
    _unknown(table, {"authorities"}, "withdrawal.", faults)
    named = table.get("authorities", [])
    if not (isinstance(named, list) and all(isinstance(who, str) for who in named)):
        faults.append("withdrawal.authorities: must be a list of identity keys in quotes, did:key:...")
        return WithdrawalConfig()
    for who in named:
        try:
            parse_public_key(who)
        except MalformedKey as error:
            faults.append(f"withdrawal.authorities: {error}")
    return WithdrawalConfig(tuple(named))
