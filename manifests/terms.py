"""Namespaces of the vocabularies that our columns come from, and the other IRIs under which terms occur."""

from collections.abc import Iterator

DWC = "http://rs.tdwg.org/dwc/terms/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
AC = "http://rs.tdwg.org/ac/terms/"
XMP = "http://ns.adobe.com/xap/1.0/"
XMP_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
EXIF = "http://ns.adobe.com/exif/1.0/"
VASCULUM = "https://w3id.org/vasculum/ns#"

# Dublin Core's fifteen elements have twins of the same name in dcterms, and publishers use either.
_DC_ELEMENTS = frozenset(
    {"contributor", "coverage", "creator", "date", "description", "format", "identifier", "language"}
    | {"publisher", "relation", "rights", "source", "subject", "title", "type"}
)

# Terms that archives in the wild give under a namespace that never defined them, and superseded names.
_OTHER_NAMES: dict[str, tuple[str, ...]] = {
    DCTERMS + "license": (DWC + "license", DC + "license"),
    DCTERMS + "rightsHolder": (DWC + "rightsHolder", DC + "rightsHolder"),
    DCTERMS + "rights": (DWC + "rights",),
    DCTERMS + "accessRights": (DWC + "accessRights", DC + "accessRights"),
    DCTERMS + "bibliographicCitation": (DWC + "bibliographicCitation",),
    DCTERMS + "references": (DCTERMS + "reference", DWC + "references", DC + "references"),
    DCTERMS + "modified": (DWC + "modified", DC + "modified"),
    DCTERMS + "created": (XMP + "CreateDate", DC + "created"),
    DWC + "preparations": (DWC + "preparation",),
    AC + "accessURI": (AC + "accessUri", AC + "AccessURI"),
    AC + "providerLiteral": (AC + "provider", DCTERMS + "provider"),
    AC + "subtype": (AC + "subtypeLiteral",),
    AC + "variantLiteral": (AC + "variant",),
    XMP_RIGHTS + "UsageTerms": (XMP_RIGHTS + "usageTerms", AC + "usageTerms"),
    XMP_RIGHTS + "Owner": (XMP_RIGHTS + "owner", AC + "owner"),
    XMP_RIGHTS + "WebStatement": (XMP_RIGHTS + "webStatement",),
}


def aliases_of(term: str) -> Iterator[str]:
    """The other IRIs under which archives publish a term; the term itself is not among them."""
    yield from _OTHER_NAMES.get(term, ())
    local = term.removeprefix(DCTERMS)
    if local in _DC_ELEMENTS:
        yield DC + local
