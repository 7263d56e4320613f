"""The section [sensitive]: taxa whose exact places must not leave, and the files that list their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from node.disclosure.treatment import Treatment

IMAGES = ("sensitive", "all")


@dataclass(frozen=True, slots=True)
class SensitiveRule:
    """Some taxa, and how exactly their places may be told.

    Attributes:
        taxa: Names of any rank; those of the file are among them once it is read.
        to: What their places are generalised to, or that their records are withheld.
        file: A file of names, one on a line, beside node.toml; empty for none.
    """

    taxa: tuple[str, ...]
    to: Treatment
    file: str = ""


@dataclass(frozen=True, slots=True)
class SensitiveConfig:
    """What must not be told exactly.

    Attributes:
        rules: Taxa by what is done with them.
        synonyms: Pairs of names for one taxon.
        synonyms_file: A file of such pairs, a tab or `=` between the two; empty for none.
        images: `sensitive` cleans the images of sensitive specimens of where they were taken; `all` every
            image that says it.
    """

    rules: tuple[SensitiveRule, ...] = ()
    synonyms: tuple[tuple[str, str], ...] = ()
    synonyms_file: str = ""
    images: str = "sensitive"

    def __bool__(self) -> bool:
        return bool(self.rules) or self.images == "all"


def parse_sensitive(table: Mapping[str, Any], faults: list[str]) -> SensitiveConfig:
    """The section's values; what is wrong with them is noted."""
    known = {"rules", "synonyms", "images"}
    faults.extend(
        f"sensitive.{key}: no such setting; known are {', '.join(sorted(known))}"
        for key in table
        if key not in known
    )
    images, synonyms, rules = (
        table.get("images", "sensitive"),
        table.get("synonyms", ""),
        table.get("rules", []),
    )
    if images not in IMAGES:
        faults.append(f"sensitive.images: must be one of {', '.join(IMAGES)}")
    if not isinstance(synonyms, str):
        faults.append("sensitive.synonyms: must be the name of a file, in quotes")
    if not isinstance(rules, list):
        faults.append("sensitive.rules: must be a list of tables, [[sensitive.rules]]")
        rules = []
    read = tuple(_rule(rule, number, faults) for number, rule in enumerate(rules, 1))
    return SensitiveConfig(read, (), str(synonyms), str(images))


def _rule(rule: Any, number: int, faults: list[str]) -> SensitiveRule:
    where = f"sensitive.rules number {number}"
    if not isinstance(rule, Mapping) or not {"to"} <= set(rule) <= {"taxa", "file", "to"} or len(rule) < 2:
        faults.append(f"{where}: needs `to`, and `taxa` or `file` or both")
        return SensitiveRule((), Treatment.WITHHOLD)
    taxa, file, to = rule.get("taxa", []), rule.get("file", ""), rule["to"]
    if not (isinstance(taxa, list) and all(isinstance(name, str) and name.strip() for name in taxa)):
        faults.append(f"{where}: `taxa` must be a list of names")
        taxa = []
    if not isinstance(file, str):
        faults.append(f"{where}: `file` must be the name of a file, in quotes")
    if to not in list(Treatment):
        faults.append(f"{where}: `to` must be one of {', '.join(Treatment)}")
        to = Treatment.WITHHOLD
    return SensitiveRule(tuple(taxa), Treatment(to), str(file))


def with_files(config: SensitiveConfig, folder: Path, faults: list[str]) -> SensitiveConfig:
    """The settings with what their files hold.

    Args:
        config: As node.toml gives them.
        folder: The one that node.toml lies in.
        faults: Takes what is wrong with a file: a list that is not read protects nothing.
    """
    rules = tuple(
        replace(rule, taxa=(*rule.taxa, *_lines(folder / rule.file, faults))) if rule.file else rule
        for rule in config.rules
    )
    if not config.synonyms_file:
        return replace(config, rules=rules)
    path = folder / config.synonyms_file
    pairs = [_pair(line, path, faults) for line in _lines(path, faults)]
    return replace(config, rules=rules, synonyms=tuple(pair for pair in pairs if pair is not None))


def _lines(path: Path, faults: list[str]) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"the list of names {path} cannot be read: {error}")
        return []
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _pair(line: str, path: Path, faults: list[str]) -> tuple[str, str] | None:
    one, _, other = line.replace("=", "\t", 1).partition("\t")
    if one.strip() and other.strip():
        return one.strip(), other.strip()
    faults.append(f"{path}: {line!r} is no pair of names with a tab or = between them")
    return None
