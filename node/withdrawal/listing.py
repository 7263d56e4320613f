"""The notices of all logs, each with what it comes to here."""

from __future__ import annotations

from typing import Any

from node.compose import Node
from node.index import Index
from node.withdrawal.account import fields_of
from node.withdrawal.notices import decided, effects_in, notices_of, reaches
from provenance.statement.kinds.withdrawal import Choice
from provenance.withdrawal import Effect


def listed(node: Node, index: Index) -> list[dict[str, Any]]:
    """Every notice, one's own first; `effect` is what it does here: keep, hide, delete or none."""
    own = node.config.identity.origin
    found = {effect.notice.withdrawal.id: effect for effect in effects_in(index, node.config)}
    kept = decided(index)
    rows = []
    for notice in notices_of(index, own):
        effect = found.get(notice.withdrawal.id)
        does = kept.get(notice.withdrawal.id) if effect is None else effect.choice
        if effect is not None and not any(reaches(index, own, effect, t) for t in notice.withdrawal.targets):
            does = None
        fields = fields_of(effect or Effect(notice, notice.log, Choice.KEEP))
        fields.pop("choice")
        told = {"effect": str(does or "none"), "withdraws": list(notice.withdrawal.targets)}
        rows.append({"type": "withdrawal", **fields, **told})
    return rows
