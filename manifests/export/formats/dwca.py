"""Darwin Core Archive with Audiovisual Core: specimens, their media, and the digest of each image.

Source: the Darwin Core text guide and Audiovisual Core (TDWG). Every published value stands under the term
that it was published under, so that `track` makes the same rows of it. Values of rows hold no tab and no line
end (spec/segments.md), so nothing is enclosed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from hashstore.blobstore.interface import Chunk
from manifests.export.companions import companions
from manifests.export.darwin_core import (
    MEMBER,
    MULTIMEDIA,
    OCCURRENCE,
    Field,
    data_lines,
    descriptor_table,
    media,
    published,
    specimens,
    verbatim_fields,
)
from manifests.export.interface import Material
from manifests.export.model import File, Made
from manifests.export.text import encoded, tsv_line, xml_text
from manifests.tables import TABLES
from manifests.terms import VASCULUM

_MEMBER_FIELDS: Final = tuple(
    Field(name, f"{VASCULUM}{name}")
    for name in ("digest", "size", "mediaType", "licenseSPDX", "attribution", "media", "label", "split")
)
_TEXT_SCHEMA: Final = "http://rs.tdwg.org/dwc/text/"


@dataclass(frozen=True, slots=True)
class _DarwinCoreArchive:
    name: str = "dwca"
    # A table that grows gives the file more columns.
    version: str = f"1 (specimen {TABLES['specimen'].version}, media {TABLES['media'].version})"
    about: str = "records of specimens and media, without bytes (Darwin Core Archive, GBIF)"
    needs_pictures: bool = False

    def files(self, material: Material) -> Iterator[File]:
        of_specimens = verbatim_fields(row for _, row in specimens(material))
        of_media = verbatim_fields(row for _, row, _ in media(material))
        yield Made("meta.xml", partial(_descriptor, of_specimens, of_media))
        yield Made("eml.xml", partial(_metadata, material))
        yield Made("occurrence.txt", partial(_occurrences, material, of_specimens))
        yield Made("multimedia.txt", partial(_multimedia, material, of_media))
        yield Made("member.txt", partial(_members, material))
        yield from companions(material)


EXPORTER = _DarwinCoreArchive()


def _occurrences(material: Material, beyond: Sequence[Field]) -> Iterator[Chunk]:
    return encoded(data_lines("specimen", beyond, specimens(material)))


def _multimedia(material: Material, beyond: Sequence[Field]) -> Iterator[Chunk]:
    rows = ((member.specimen or "", row) for _, row, member in media(material))
    return encoded(data_lines("media", beyond, rows))


def _members(material: Material) -> Iterator[Chunk]:
    def lines() -> Iterator[str]:
        yield tsv_line(("id", *(field.header for field in _MEMBER_FIELDS)))
        for member in material.members():
            yield tsv_line(
                (
                    member.specimen, member.digest.uri, member.size, member.media_type, member.license,
                    member.attribution, member.media, member.label, member.split,
                )
            )  # fmt: skip

    return encoded(lines())


def _descriptor(of_specimens: Sequence[Field], of_media: Sequence[Field]) -> Iterator[Chunk]:
    core = (*(field for _, field in published(TABLES["specimen"])), *of_specimens)
    extension = (*(field for _, field in published(TABLES["media"])), *of_media)
    return encoded(
        [
            f'<?xml version="1.0" encoding="UTF-8"?>\n<archive xmlns="{_TEXT_SCHEMA}" metadata="eml.xml">\n',
            descriptor_table("core", OCCURRENCE, "occurrence.txt", core),
            descriptor_table("extension", MULTIMEDIA, "multimedia.txt", extension),
            descriptor_table("extension", MEMBER, "member.txt", _MEMBER_FIELDS),
            "</archive>\n",
        ]
    )


def _metadata(material: Material) -> Iterator[Chunk]:
    return encoded(_eml(material))


def _eml(material: Material) -> Iterator[str]:
    about = material.description
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<eml:eml xmlns:eml="eml://ecoinformatics.org/eml-2.1.1" '
    yield f'packageId="{about.statement.uri}" system="https://w3id.org/vasculum" scope="system">\n'
    yield f"  <dataset>\n    <alternateIdentifier>{about.statement.uri}</alternateIdentifier>\n"
    yield f"    <title>{xml_text(about.title)}</title>\n"
    for creator in about.creators:
        yield f"    <creator>{_person(creator.name, creator.given)}</creator>\n"
    yield f"    <pubDate>{about.made.date().isoformat()}</pubDate>\n"
    yield f"    <abstract><para>{xml_text(about.description or about.citation)}</para></abstract>\n"
    if about.keywords:
        words = "".join(f"<keyword>{xml_text(word)}</keyword>" for word in about.keywords)
        yield f"    <keywordSet>{words}</keywordSet>\n"
    yield f"    <intellectualRights><para>{xml_text(about.license)}</para></intellectualRights>\n"
    yield f"    <contact><organizationName>{xml_text(about.publisher)}</organizationName></contact>\n"
    yield f"    <publisher><organizationName>{xml_text(about.publisher)}</organizationName></publisher>\n"
    yield "  </dataset>\n</eml:eml>\n"


def _person(name: str, given: str | None) -> str:
    if given is None:
        return f"<organizationName>{xml_text(name)}</organizationName>"
    return (
        f"<individualName><givenName>{xml_text(given)}</givenName>"
        f"<surName>{xml_text(name)}</surName></individualName>"
    )
