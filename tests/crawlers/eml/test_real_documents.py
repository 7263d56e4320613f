from pathlib import Path

import pytest

from crawlers.eml import DatasetMetadata, parse_eml
from crawlers.errors import MalformedMetadata

EML = Path(__file__).parents[4] / "shared" / "data" / "eml"
# File name -> title begins, creators, licence begins, citation begins. A text in <> is the reason for a gap.
EXPECTED: dict[str, tuple[str, tuple[str, ...] | str, str, str]] = {
    "Ramírez-Chaves-et-al-2022.eml.xml": (
        "Colección de Mamíferos (Mammalia) del Museo de Historia Natural de la Universidad de Caldas",
        ("Héctor E. Ramírez-Chaves", "Ingrith Yuliany Mejía Fontecha", "Daniela Velasquez", "Daniel Castaño"),
        "http://creativecommons.org/licenses/by-nc/4.0/legalcode",
        "Ramírez-Chaves H E, Mejía Fontecha I Y",
    ),
    "iNaturalist.eml.xml": (
        "iNaturalist Research-grade Observations",
        ("iNaturalist contributors",),
        "http://creativecommons.org/licenses/by-nc/4.0/",
        "<<gbif> has no <citation>>",
    ),
    "sample.xml": (
        "Tanzanian Entomological Collection",
        ("David Remsen",),
        "Owner grants XXX a worldwide, non-exclusive right to:",
        "Tims assembled checklist",
    ),
    "sample3.xml": (
        "Tanzanian Entomological Collection",
        ("David Remsen",),
        "Owner grants XXX a worldwide, non-exclusive right to:",
        "Tims assembled checklist",
    ),
    **dict.fromkeys(
        ("eml-utf16LE.xml", "eml-utf16_no_LE_declared.xml", "eml_utf8_bom.xml"),
        (
            "Checklist of the Vascular Plants of Big Lagoon Bog, Big Lagoon County Park, Humboldt County",
            ("Gordon Leppig",),
            "<<intellectualRights> in <dataset> is empty or names nothing>",
            "<the document has no <additionalMetadata/metadata/gbif>>",
        ),
    ),
    "eml.xml": (
        "WII Herbarium Dataset",
        ("Bhupendra Singh Adhikari",),
        "http://creativecommons.org/publicdomain/zero/1.0/legalcode",
        "Adhikar BS, Rawat GS, Babu MM",
    ),
    "eml-10.2.xml": (
        "Amphibians and Reptiles collection at the Natural History Museum of Denmark (SNM)",
        ("Mogens Andersen",),
        "http://creativecommons.org/licenses/by-nc/3.0/",
        "<<gbif> has no <citation>>",
    ),
    "sample-v1.1.xml": (
        "Sample Metadata RLS",
        ("Creator 1 Edgar", "Creator 2 Stuart-Smith"),
        "http://creativecommons.org/licenses/by/4.0/legalcode",
        "Edgar G J, Stuart-Smith R D (2014): Reef Life Survey: Global reef fish dataset.",
    ),
    "worms_dc.xml": (
        "World Register of Marine Species",
        ("Ward Appeltans",),
        "<the document has neither dc:license nor dc:rights>",
        "Appeltans W, Bouchet P, Boxshall GA",
    ),
    "worms_dc2.xml": (
        "World Register of Marine Species",
        "<the document has no dc:creator>",
        "<the document has neither dc:license nor dc:rights>",
        "<the document has no dc:bibliographicCitation>",
    ),
    "0214a6a7-898f-4ee8-b888-0be60ecde81f.xml": (
        "Molluscs collection (IM) of the Muséum national d'Histoire naturelle (MNHN - Paris)",
        ("MNHN",),
        "<<dataset> has no <intellectualRights>>",
        "MNHN - Museum national d'Histoire naturelle: Molluscs collection (IM)",
    ),
    "4edd9396-59df-4b01-9e29-dc21a59f9963.xml": (
        "University of British Columbia Herbarium (UBC) - Bryophytes Collection",
        ("Olivia Lee",),
        "<<dataset> has no <intellectualRights>>",
        "University of British Columbia: University of British Columbia Herbarium",
    ),
    "7a25f7aa-03fb-4322-aaeb-66719e1a9527.xml": (
        "LACM Vertebrate Collection",
        ("Rick Feeney",),
        "http://creativecommons.org/publicdomain/zero/1.0",
        "Natural History Museum of Los Angeles County: LACM Vertebrate Collection",
    ),
    "851ab8c4-f762-11e1-a439-00145eb45e9a.xml": (
        "UNSM Vertebrate Specimens",
        "<<creator> in <dataset> is empty or names nothing>",
        "These data cannot be utilized in any publication or report",
        "UNSM",
    ),
    "cd875b5a-b3fe-48f2-94c7-371cab1431f3.xml": (
        "Herpetology Collection - Royal Ontario Museum",
        ("Bradley Millen",),
        "http://creativecommons.org/licenses/by-nc/3.0/",
        "Royal Ontario Museum: Herpetology Collection",
    ),
}
REFUSED = {
    "noa_fgdc.txt": "FGDC in plain text",
    "datacite-example-full-v3.1.xml": "DataCite XML",
}

pytestmark = pytest.mark.usefixtures("shared_data")


def documents() -> dict[str, Path]:
    return {path.name: path for path in sorted(EML.rglob("*")) if path.is_file()}


def shown(metadata: DatasetMetadata, field: str, value: str | None) -> str:
    return value if value else f"<{metadata.reason(field)}>"


def test_every_document_is_expected_here() -> None:
    assert set(documents()) == {*EXPECTED, *REFUSED}


@pytest.mark.parametrize("name", EXPECTED)
def test_title_creators_licence_and_citation_are_read_or_their_absence_is_explained(name: str) -> None:
    metadata = parse_eml(documents()[name].read_bytes())
    title, creators, licence, citation = EXPECTED[name]
    names = tuple(creator.name for creator in metadata.creators)
    assert shown(metadata, "title", metadata.title).startswith(title)
    assert (names or f"<{metadata.reason('creators')}>") == creators
    assert shown(metadata, "licence", metadata.licence).startswith(licence)
    assert shown(metadata, "citation", metadata.citation).startswith(citation)


@pytest.mark.parametrize("name", REFUSED)
def test_other_formats_are_refused_by_name(name: str) -> None:
    with pytest.raises(MalformedMetadata, match=REFUSED[name]):
        parse_eml(documents()[name].read_bytes())
