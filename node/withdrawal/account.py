"""What there is to tell of a withdrawn thing: by whom, when and why."""

from __future__ import annotations

from typing import Any

from manifests.access import AccessClass
from node.config import Config
from node.index import Index
from node.look.access import access_of
from node.look.things import BlobThing, RowThing, SegmentThing, Thing
from node.withdrawal.notices import effects_in, reaches
from provenance.statement.statement import time_text
from provenance.withdrawal import Effect, superseded


def account_of_withdrawal(config: Config, index: Index, thing: Thing) -> dict[str, Any] | None:
    """The notice that took a thing back, as fields; None if none names it.

    Args:
        config: The node's settings.
        index: Its open index.
        thing: What is asked about.
    """
    if access_of(index, thing) is not AccessClass.WITHDRAWN:
        return None
    names, own = names_of(thing), config.identity.origin
    for effect in effects_in(index, config):
        withdrawal = effect.notice.withdrawal
        if any(reaches(index, own, effect, name) for name in names.intersection(withdrawal.targets)):
            return fields_of(effect)
        if isinstance(thing, SegmentThing) and thing.digest in superseded([withdrawal]):
            return fields_of(effect)
    return None


def names_of(thing: Thing) -> set[str]:
    """The names by which a notice can take a thing back."""
    match thing:
        case RowThing(uri):
            return {str(uri), uri.segment.uri}
        case BlobThing(digest) | SegmentThing(digest):
            return {digest.uri}
        case _:
            return set()


def fields_of(effect: Effect) -> dict[str, Any]:
    """An effect for a reader."""
    notice = effect.notice
    return {
        "statement": notice.withdrawal.id,
        "log": notice.log,
        "by": notice.signer,
        "at": time_text(notice.withdrawal.made),
        "reason": notice.withdrawal.reason.value,
        "description": notice.withdrawal.description or None,
        "choice": effect.choice.value,
    }


def in_words(fields: dict[str, Any]) -> str:
    """Likewise, as one sentence."""
    why = fields["reason"] + (f": {fields['description']}" if fields["description"] else "")
    return f"withdrawn on {fields['at'][:10]} by {fields['log']} ({why})"
