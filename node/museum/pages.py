"""The museum's few web pages: a front page with all images, and a page for each specimen."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from node.museum.addresses import ARCHIVE_PATH, FEED_PATH, image_path
from node.museum.catalogue import INSTITUTION, Picture, Specimen
from node.museum.records import COLLECTIONS

_STYLE = """
body { font: 16px/1.5 Georgia, serif; color: #2b2620; background: #f6f1e4; max-width: 74rem;
  margin: 3rem auto; padding: 0 1.5rem }
a { color: #4a5d23 } figure { margin: 0 } figcaption { font-size: .85rem } img { width: 100%; display: block }
main { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr));
  align-items: end }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt { color: #7a6f5d } dd { margin: 0 }
"""
_SHOWN = (
    ("recordedBy", "Collector"),
    ("recordNumber", "Number"),
    ("eventDate", "Date"),
    ("country", "Country"),
    ("stateProvince", "Region"),
    ("locality", "Locality"),
    ("habitat", "Habitat"),
    ("family", "Family"),
    ("identifiedBy", "Determined by"),
    ("remarks", "Remarks"),
    ("withheld", "Withheld"),
)


def front_page(held: Iterable[Specimen]) -> str:
    """Show everything that the museum holds."""
    figures = "".join(_figure(specimen) for specimen in held if specimen.picture is Picture.DRAWN)
    return _page(
        INSTITUTION,
        f"<h1>{INSTITUTION}</h1><p>Every specimen here was drawn by a program. "
        f'<a href="{ARCHIVE_PATH}">Darwin Core Archive</a> · <a href="{FEED_PATH}">feed of archives</a></p>'
        f"<main>{figures}</main>",
    )


def specimen_page(specimen: Specimen) -> str:
    """Show one specimen with its record."""
    rows = "".join(
        f"<dt>{label}</dt><dd>{escape(specimen.facts[column])}</dd>"
        for column, label in _SHOWN
        if specimen.facts[column]
    )
    image = (
        ""
        if specimen.picture is Picture.NONE
        else f'<img src="{image_path(specimen.catalog_number)}" alt="">'
    )
    return _page(
        f"{specimen.full_name} · {specimen.catalog_number}",
        f'<p><a href="/">{INSTITUTION}</a> · {COLLECTIONS[specimen.collection].title}</p>'
        f"<h1><i>{escape(specimen.facts['scientificName'])}</i> {escape(specimen.facts['authorship'])}</h1>"
        f"<dl><dt>Catalogue number</dt><dd>{specimen.catalog_number}</dd>{rows}</dl>{image}",
    )


def _figure(specimen: Specimen) -> str:
    number, name = specimen.catalog_number, escape(specimen.facts["scientificName"])
    return (
        f'<figure><a href="/specimen/{number}"><img src="{image_path(number)}" alt="{name}" loading="lazy">'
        f"</a><figcaption><i>{name}</i><br>{number}</figcaption></figure>"
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )
