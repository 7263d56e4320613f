"""node.toml to values: every mistake is found, and each is named with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from manifests.tables import SPECIMEN
from node.config.model import Config, CrawlConfig, IdentityConfig, PolicyConfig, WithholdRule
from node.errors import ConfigError

_ORIGIN = re.compile(r"[^\s+]{1,255}")
Section = TypeVar("Section", IdentityConfig, CrawlConfig)


def read_config(path: Path) -> Config:
    """Read and check a node.toml.

    Raises:
        ConfigError: naming the file and each fault in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read {path}: {error}") from error
    return parse_config(text, str(path))


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
    _unknown(document, {"node", "crawl", "policy"}, "", faults)
    identity = _identity(_table(document, "node", faults), faults)
    crawl = _crawl(_table(document, "crawl", faults), faults)
    policy = _policy(_table(document, "policy", faults), faults)
    if faults:
        raise ConfigError(f"{where} needs mending:\n" + "\n".join(f"  - {fault}" for fault in faults))
    assert identity is not None
    assert crawl is not None
    return Config(identity, crawl, policy)


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


def _identity(table: Mapping[str, Any], faults: list[str]) -> IdentityConfig | None:
    identity = _section(IdentityConfig, table, "node", faults)
    if identity is not None and not _ORIGIN.fullmatch(identity.origin):
        faults.append("node.origin: must be 1 to 255 characters without white space or '+'")
    return identity


def _crawl(table: Mapping[str, Any], faults: list[str]) -> CrawlConfig | None:
    crawl = _section(CrawlConfig, table, "crawl", faults)
    if crawl is None:
        return None
    for name in ("max_per_host", "attempts", "max_image_bytes", "max_archive_bytes"):
        if getattr(crawl, name) < 1:
            faults.append(f"crawl.{name}: must be at least 1")
    for name in ("connect_timeout", "read_timeout"):
        if getattr(crawl, name) <= 0:
            faults.append(f"crawl.{name}: must be more than 0 seconds")
    return crawl


def _section(kind: type[Section], table: Mapping[str, Any], name: str, faults: list[str]) -> Section | None:
    before = len(faults)
    known = {field.name: field for field in fields(kind)}
    _unknown(table, set(known), f"{name}.", faults)
    values: dict[str, Any] = {}
    for key, field in known.items():
        if key in table:
            expected = {"str": str, "int": int, "float": float, "bool": bool}[str(field.type)]
            values[key] = _typed(table[key], expected, f"{name}.{key}", faults)
        elif field.default is MISSING:
            faults.append(f"{name}.{key}: is missing")
    return kind(**values) if len(faults) == before else None


def _typed(value: Any, expected: type, where: str, faults: list[str]) -> Any:
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not expected:
        faults.append(f"{where}: must be {_WORDS[expected]}, not {value!r}")
    elif value == "" and where != "crawl.contact":
        faults.append(f"{where}: must not be empty")
    return value


_WORDS = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


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
    known = {c.name for c in SPECIMEN.columns if c.type == "string"}
    if column not in known:
        faults.append(f"{where}: {column!r} is no text column of the specimen table")
    if not (isinstance(values, list) and values and all(isinstance(v, str) for v in values)):
        faults.append(f"{where}: `values` must be a list of texts")
        values = []
    return WithholdRule(str(column), tuple(values))
