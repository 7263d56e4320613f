"""What a step reads of that which an earlier one found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyzers.output import Input
from analyzers.pipeline.document import Selection
from analyzers.region import parse_region
from hashstore.digest import Digest


def input_of(selection: Selection, picture: Digest, finding: Mapping[str, Any]) -> Input | None:
    """The input that a finding leads to; None if it is not taken.

    Args:
        selection: What is taken.
        picture: What the finding is about.
        finding: As `Finding.document` writes it.
    """
    if not _is_taken(selection, finding):
        return None
    if selection.pictures:
        made = finding.get("derivative")
        return Input(Digest.parse(made)) if made is not None else None
    region = finding.get("region")
    return Input(picture, parse_region(region)) if region is not None else None


def _is_taken(selection: Selection, finding: Mapping[str, Any]) -> bool:
    if selection.kinds and finding["kind"] not in selection.kinds:
        return False
    if selection.terms and finding.get("term") not in selection.terms:
        return False
    if selection.least is None:
        return True
    sure = finding.get("confidence")
    return sure is not None and float(sure) >= float(selection.least)
