"""A citation as CSL-JSON, the input of citation processors (CSL 1.0.2)."""

import json

from hashstore.canonical import Json
from manifests.citing.thing import CitedKind, CitedThing, Creator, one_line

_TYPES = {
    CitedKind.DATASET: "dataset",
    CitedKind.IMAGE: "graphic",
    CitedKind.RECORD: "dataset",
    CitedKind.FILE: "document",
}


def cite_csl(thing: CitedThing) -> str:
    """A list of one item, ending in a newline. What CSL has no variable for stands in `note` and `custom`."""
    licence = one_line(thing.licence or "")
    note = f"{thing.identifier}. Licence: {licence}" if licence else thing.identifier
    accessed = thing.accessed
    texts = {
        "title": thing.title,
        "container-title": thing.container,
        "publisher": thing.publisher,
        "version": thing.version,
        "URL": thing.url,
        "note": note,
    }
    item: dict[str, Json] = {
        "id": thing.identifier,
        "type": _TYPES[thing.kind],
        **{name: line for name, value in texts.items() if (line := one_line(value or ""))},
        "accessed": {"date-parts": [[accessed.year, accessed.month, accessed.day]]},
        "custom": {"identifier": thing.identifier, **({"license": licence} if licence else {})},
    }
    if thing.creators:
        item["author"] = [_name(creator) for creator in thing.creators]
    if thing.year:
        item["issued"] = {"date-parts": [[thing.year]]}
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _name(creator: Creator) -> Json:
    if creator.given:
        return {"family": creator.name, "given": creator.given}
    return {"literal": creator.name}
