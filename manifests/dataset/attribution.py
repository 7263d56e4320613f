"""Who is to be credited for an image, and the file that says so for each of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from manifests.citing.thing import one_line
from manifests.dataset.description import Description
from manifests.dataset.licences import ADDRESS
from manifests.dataset.member import Member


def credit(media: Mapping[str, Any], institution: str | None) -> str:
    """The credit for an image, out of its media row; empty if nobody is known.

    The credit line that the publisher asks for goes first; else creator and holder of the rights; else the
    owner, else the institution that keeps the specimen.

    Args:
        media: Columns `credit`, `creator`, `rightsHolder`, `owner` of the media row, where it has them.
        institution: The specimen's institutionCode.
    """
    line, creator, holder, owner = (
        one_line(media.get(name) or "") for name in ("credit", "creator", "rightsHolder", "owner")
    )
    named = [name for name in (creator, holder) if name]
    return line or " / ".join(dict.fromkeys(named)) or owner or one_line(institution or "")


def attribution_file(description: Description, members: Iterable[Member]) -> Iterator[str]:
    """The lines of a file that credits each image, and cites the dataset itself first."""
    yield f"{description.citation}\n\n"
    yield f"The compilation: {description.license}, {ADDRESS}{description.license}\n"
    yield "Each image is under its own licence:\n\n"
    for member in members:
        terms = f"{member.license}, {ADDRESS}{member.license}" if member.license else "licence unknown"
        yield f"{member.attribution or 'Unknown'}. {terms}. {member.digest}\n"
