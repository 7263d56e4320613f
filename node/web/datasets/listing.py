"""Which published datasets a list shows: the newest version of each, those that have all words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_SEARCHED: Final = ("title", "description", "publisher", "license", "dataset", "kind")
_MOST_WORDS: Final = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A dataset in the list.

    Attributes:
        fields: Its newest version, as `node.datasets.told.dataset_fields` tells it.
        versions: How many versions are published.
    """

    fields: Mapping[str, Any]
    versions: int


def listed(published: Iterable[Mapping[str, Any]], words: str) -> tuple[Listed, ...]:
    """The newest versions in which all words occur, those that were made last first.

    Args:
        published: Every version.
        words: What somebody typed.
    """
    families: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for one in published:
        families.setdefault((one["origin"], one["isVersionOf"]), []).append(one)
    newest = [
        Listed(max(versions, key=lambda one: one["version"]), len(versions)) for versions in families.values()
    ]
    wanted = words.casefold().split()[:_MOST_WORDS]
    found = [one for one in newest if all(word in _text(one.fields) for word in wanted)]
    return tuple(sorted(found, key=lambda one: str(one.fields["made"]), reverse=True))


def _text(fields: Mapping[str, Any]) -> str:
    creators = [f"{who['givenName'] or ''} {who['name']}" for who in fields["creators"]]
    return "\n".join([*(str(fields[name]) for name in _SEARCHED), *fields["keywords"], *creators]).casefold()
