"""A citation for BibTeX and BibLaTeX."""

import re
import unicodedata

from manifests.citing.thing import CitedThing, Creator, one_line

# BibTeX counts braces even after a backslash, so that braces must go by their names.
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        **{special: f"\\{special}" for special in "$&#_%"},
    }
)
_URL_ESCAPES = str.maketrans({character: f"%{ord(character):02X}" for character in '\\{} <>"^`|'})


def cite_bibtex(thing: CitedThing) -> str:
    """One `@misc` entry, ending in a newline; every value is text to LaTeX, whatever it holds."""
    fields = {
        "author": " and ".join(_name(creator) for creator in thing.creators),
        "title": f"{{{escape(thing.title)}}}",
        "year": str(thing.year or ""),
        "booktitle": escape(thing.container or ""),
        "publisher": escape(thing.publisher or ""),
        "version": escape(thing.version or ""),
        "url": one_line(thing.url or "").translate(_URL_ESCAPES),
        "urldate": thing.accessed.isoformat(),
        "note": escape(_note(thing)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(thing)},", *lines, "}", ""])


def escape(text: str) -> str:
    """Text for LaTeX on one line, with balanced braces."""
    return one_line(text).translate(_ESCAPES)


def _note(thing: CitedThing) -> str:
    licence = one_line(thing.licence or "")
    return f"{thing.identifier}. Licence: {licence}" if licence else thing.identifier


def _name(creator: Creator) -> str:
    # Braces keep a name whole: the name of an institution, or one with a word that BibTeX would split at.
    if not creator.given:
        return f"{{{escape(creator.name)}}}"
    return f"{{{escape(creator.name)}}}, {{{escape(creator.given)}}}"


def _key(thing: CitedThing) -> str:
    first = thing.creators[0].name if thing.creators else ""
    letters = re.sub(r"[^A-Za-z]", "", unicodedata.normalize("NFKD", first)).lower()[:20]
    return f"{letters or 'anonymous'}{thing.year or 'nd'}-{thing.short_hash}"
