"""Write the vectors of checklists: `python spec/vectors/generate_checklists.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.checklist import Checklist, Taxon, checklist_bytes, names_below
from manifests.errors import FilterRefused

TAXA = (
    Taxon("1", "Fagaceae Dumort.", "Fagaceae"),
    Taxon("2", "Quercus L.", "Quercus", parent="1"),
    Taxon("3", "Quercus robur L.", "Quercus robur", parent="2"),
    Taxon("4", "Quercus pedunculata Ehrh.", "Quercus pedunculata", accepted="3"),
    Taxon("5", "Robur europæum Kunth", "Robur europæum", accepted="4"),
    Taxon("6", "Fagus L.", "Fagus", parent="1"),
    # To nowhere, and round in a circle.
    Taxon("7", "Fagus ferruginea Aiton", "Fagus ferruginea", accepted="99"),
    Taxon("8", "Castanea Mill.", "Castanea", parent="9"),
    Taxon("9", "Castanea sativa Mill.", "Castanea sativa", parent="8"),
    # One name for a plant and for a bird.
    Taxon("10", "Oenanthe L.", "Oenanthe"),
    Taxon("11", "Oenanthe crocata L.", "Oenanthe crocata", parent="10"),
    Taxon("12", "Oenanthe Vieillot", "Oenanthe"),
    # A later homonym, which is a synonym: the accepted one is meant.
    Taxon("13", "Quercus alba L.", "Quercus alba", parent="2"),
    Taxon("14", "Quercus alba Hort.", "Quercus alba", accepted="3"),
)
ASKED = (
    "Quercus", " QUERCUS ", "Quercus L.", "Quercus robur", "Quercus pedunculata", "Robur europæum",
    "Robur EUROPÆUM", "Fagaceae", "Fagus", "Fagus ferruginea", "Castanea", "Castanea sativa", "Oenanthe",
    "Oenanthe L.", "Quercus alba", "Betula",
)  # fmt: skip


def vectors() -> Any:
    """Everything that the file holds."""
    data = checklist_bytes(TAXA)
    checklist = Checklist.parse(data)
    return {
        "description": "A checklist's file, its digest, and the names that are asked for a taxon; null where "
        "it is refused.",
        "file": data.decode(),
        "digest": Digest.of(data).uri,
        "below": [{"taxon": asked, "names": _names(checklist, asked)} for asked in ASKED],
    }


def _names(checklist: Checklist, asked: str) -> list[str] | None:
    try:
        return list(names_below(checklist, asked))
    except FilterRefused:
        return None


def main() -> None:
    """Write the file beside this program."""
    text = json.dumps(vectors(), indent=1) + "\n"
    Path(__file__).with_name("checklists.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
