"""A citation in the Citation File Format 1.2.0, the CITATION.cff that stands beside data and software."""

import json
import re

from manifests.citing.thing import CitedKind, CitedThing, Creator, one_line

# What YAML does not call printable (YAML 1.2, production 1) must be escaped within quotes.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\ufeff\u2028\u2029]"
)
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*", re.ASCII)


def cite_cff(thing: CitedThing) -> str:
    """A YAML document, ending in a newline. An image or record is a dataset of one to CFF."""
    lines = [
        "cff-version: 1.2.0",
        f"message: {_quoted('If you use this, please cite it as below.')}",
        f"type: {'dataset' if thing.kind is not CitedKind.FILE else 'software'}",
        f"title: {_quoted(thing.title)}",
        "authors:",
        *(line for creator in thing.creators or (Creator("Anonymous"),) for line in _author(creator)),
        "identifiers:",
        "  - type: other",
        f"    value: {_quoted(thing.identifier)}",
        f"    description: {_quoted('SHA-256 of what is cited, as a hash URI')}",
    ]
    if thing.version:
        lines.append(f"version: {_quoted(thing.version)}")
    if thing.year:
        lines.append(f"date-released: {_quoted(_released(thing))}")
    licence = one_line(thing.licence or "")
    if licence.startswith(("http://", "https://")):
        lines.append(f"license-url: {_quoted(licence)}")
    elif _SPDX.fullmatch(licence):
        lines.append(f"license: {_quoted(licence)}")
    if thing.url and thing.url.startswith(("http://", "https://")):
        lines.append(f"url: {_quoted(thing.url)}")
    return "\n".join([*lines, ""])


def _released(thing: CitedThing) -> str:
    """CFF wants a day: that of access where it lies in the year of publication, else the year's first."""
    return thing.accessed.isoformat() if thing.accessed.year == thing.year else f"{thing.year:04d}-01-01"


def _author(creator: Creator) -> list[str]:
    if creator.given is None:
        return [f"  - name: {_quoted(creator.name)}"]
    return [f"  - family-names: {_quoted(creator.name)}", f"    given-names: {_quoted(creator.given)}"]


def _quoted(text: str) -> str:
    """A double-quoted scalar: JSON's strings are YAML's, but for what YAML cannot print."""
    return _UNPRINTABLE.sub(_escaped, json.dumps(one_line(text), ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
