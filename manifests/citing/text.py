"""A citation as a person writes it into a list of references."""

from manifests.citing.thing import CitedThing, one_line

_SEVERAL = 10


def cite_text(thing: CitedThing) -> str:
    """One line of text: who, when, what, in what, version, publisher, licence, identifier, and access."""
    parts = [
        f"{_creators(thing)} ({thing.year or 'n.d.'}).",
        _sentence(thing.title),
        _sentence(thing.container, "In: "),
        _sentence(thing.version, "Version "),
        _sentence(thing.publisher),
        _sentence(thing.licence, "Licence: "),
        # No full stop after the identifier, lest it be copied along.
        thing.identifier,
        f"(accessed {thing.accessed.isoformat()}{f' at {one_line(thing.url)}' if thing.url else ''})",
    ]
    return " ".join(part for part in parts if part)


def _creators(thing: CitedThing) -> str:
    names = [creator.inverted for creator in thing.creators]
    if len(names) > _SEVERAL:
        return f"{'; '.join(names[:_SEVERAL])} et al."
    return "; ".join(names) or "Anonymous"


def _sentence(text: str | None, before: str = "") -> str:
    line = one_line(text or "")
    if not line:
        return ""
    return f"{before}{line}" if line.endswith((".", "?", "!")) else f"{before}{line}."
