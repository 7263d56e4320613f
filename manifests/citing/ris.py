"""A citation in RIS, the tagged format that reference managers exchange."""

from manifests.citing.thing import CitedKind, CitedThing, one_line

_TYPES = {
    CitedKind.DATASET: "DATA",
    CitedKind.IMAGE: "FIGURE",
    CitedKind.RECORD: "DATA",
    CitedKind.FILE: "GEN",
}


def cite_ris(thing: CitedThing) -> str:
    """One record, each tag on a line of its own, lines ending in CR LF as the format asks."""
    licence = one_line(thing.licence or "")
    tags: list[tuple[str, str | None]] = [
        ("TY", _TYPES[thing.kind]),
        *(("AU", creator.inverted) for creator in thing.creators),
        ("TI", thing.title),
        ("T2", thing.container),
        ("PY", f"{thing.year:04d}" if thing.year else None),
        ("PB", thing.publisher),
        ("ET", thing.version),
        ("AN", thing.identifier),
        ("N1", f"Licence: {licence}" if licence else None),
        ("UR", thing.url),
        ("Y2", thing.accessed.strftime("%Y/%m/%d")),
    ]
    lines = [f"{tag}  - {line}" for tag, value in tags if (line := one_line(value or ""))]
    return "\r\n".join([*lines, "ER  - ", ""])
