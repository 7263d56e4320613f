"""A citation as DataCite metadata (kernel 4, JSON), for who registers a DOI for the thing."""

import json

from hashstore.canonical import Json
from manifests.citing.thing import CitedKind, CitedThing, Creator, one_line

# DataCite's own word for what is not known but must not be left out.
_UNKNOWN = ":unav"
_TYPES = {
    CitedKind.DATASET: "Dataset",
    CitedKind.IMAGE: "Image",
    CitedKind.RECORD: "Dataset",
    CitedKind.FILE: "Other",
}


def cite_datacite(thing: CitedThing) -> str:
    """One object, ending in a newline. It has no DOI; the hash identifier is an alternate one."""
    document: dict[str, Json] = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "alternateIdentifiers": [
            {"alternateIdentifier": thing.identifier, "alternateIdentifierType": "SHA-256 hash URI"}
        ],
        "creators": [_creator(creator) for creator in thing.creators] or [{"name": _UNKNOWN}],
        "titles": [{"title": one_line(thing.title)}],
        "publisher": {"name": one_line(thing.publisher or "") or _UNKNOWN},
        # Without a year of publication DataCite asks for that of registration, which is no earlier.
        "publicationYear": f"{thing.year or thing.accessed.year:04d}",
        "types": {"resourceTypeGeneral": _TYPES[thing.kind], "resourceType": thing.kind.value},
        **_optional(thing),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _optional(thing: CitedThing) -> dict[str, Json]:
    """What is left out where it is not known."""
    found: dict[str, Json] = {}
    if licence := one_line(thing.licence or ""):
        is_address = licence.startswith(("http://", "https://"))
        found["rightsList"] = [{"rightsUri" if is_address else "rights": licence}]
    if version := one_line(thing.version or ""):
        found["version"] = version
    if url := one_line(thing.url or ""):
        found["url"] = url
    if container := one_line(thing.container or ""):
        part_of: Json = {
            "relatedItemType": "Dataset",
            "relationType": "IsPartOf",
            "titles": [{"title": container}],
        }
        found["relatedItems"] = [part_of]
    return found


def _creator(creator: Creator) -> Json:
    if not creator.given:
        return {"name": creator.name}
    return {
        "name": creator.inverted,
        "nameType": "Personal",
        "familyName": creator.name,
        "givenName": creator.given,
    }
