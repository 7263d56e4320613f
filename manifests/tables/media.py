"""The media table: one row for each published medium; its rights columns are the medium's only."""

from manifests.schema import Column, TableSchema
from manifests.tables.common import ACCOUNT, COMMITMENT, ORIGIN, audiovisual, darwin, dublin
from manifests.tables.interpreted import OF_MEDIUM
from manifests.terms import EXIF, PHOTOSHOP, XMP_RIGHTS

_ACCESS = (
    dublin("identifier", "Identifier of the medium; in many archives its address."),
    audiovisual("accessURI", "Address of the medium's bytes."),
    audiovisual("bestQualityAccessURI", "Address of the best rendering, in archives of the older standard."),
    audiovisual("goodQualityAccessURI", "Address of a good rendering, in archives of the older standard."),
    audiovisual("thumbnailAccessURI", "Address of a small rendering."),
    audiovisual("furtherInformationURL", "Address of a page about the medium."),
    dublin("references", "Address of a page that shows or describes the medium."),
    audiovisual("providerManagedID", "The provider's own identifier of the medium."),
    audiovisual("associatedSpecimenReference", "The specimen that the medium shows."),
)
_KIND = (
    dublin("type", "Kind of medium, such as StillImage."),
    audiovisual("subtype", "Narrower kind of medium, such as Photograph."),
    dublin("format", "Media type or file format, as published."),
    audiovisual("variantLiteral", "Which rendering of the medium this is, such as Best Quality."),
    Column("pixelXDimension", "string", EXIF + "PixelXDimension", "Width in pixels, as published."),
    Column("pixelYDimension", "string", EXIF + "PixelYDimension", "Height in pixels, as published."),
    audiovisual("hashFunction", "Name of the function that made hashValue."),
    audiovisual("hashValue", "The publisher's own hash of the bytes."),
)
_CONTENT = (
    dublin("title", "The medium's title."),
    dublin("description", "What the medium shows."),
    audiovisual("caption", "The text to print beneath the medium."),
    audiovisual("comments", "Remarks about the medium."),
    audiovisual("tag", "Tags or keywords."),
    audiovisual("subjectPart", "Which part of the organism is shown."),
    audiovisual("subjectOrientation", "From which side it is shown."),
    audiovisual("captureDevice", "The camera or scanner."),
    dublin("created", "When the medium was made."),
    dublin("modified", "When the medium was last changed."),
    dublin("creator", "Who made the medium."),
    dublin("contributor", "Who else contributed to the medium."),
    dublin("publisher", "Who published the medium."),
    audiovisual("providerLiteral", "Who provides the medium."),
    dublin("audience", "For whom the medium is meant."),
)
_RIGHTS = (
    dublin("license", "Licence of the medium, not of the specimen record."),
    dublin("rights", "Statement of rights in the medium."),
    dublin("rightsHolder", "Who holds the rights in the medium."),
    dublin("accessRights", "Who may see the medium, as the publisher states it."),
    Column("usageTerms", "string", XMP_RIGHTS + "UsageTerms", "How the medium may be used, in words."),
    Column("webStatement", "string", XMP_RIGHTS + "WebStatement", "Address of the licence or statement."),
    Column("owner", "string", XMP_RIGHTS + "Owner", "Who owns the rights in the medium."),
    Column("credit", "string", PHOTOSHOP + "Credit", "The credit line to print with the medium."),
    dublin("bibliographicCitation", "How the publisher asks the medium to be cited."),
)

MEDIA_1 = TableSchema("media", 1, (*ORIGIN, *_ACCESS, *_KIND, *_CONTENT, *_RIGHTS, *ACCOUNT))
MEDIA_2 = TableSchema(
    "media",
    2,
    (
        *MEDIA_1.columns,
        darwin("informationWithheld", "What is known of the medium and not told here, and why."),
        COMMITMENT,
    ),
)

MEDIA = TableSchema(
    "media",
    3,
    (
        *MEDIA_2.columns,
        audiovisual("attributionLogoURL", "Address of the emblem to show with the line that gives credit."),
        audiovisual("resourceCreationTechnique", "How the medium was made and worked upon."),
        audiovisual("digitizationDate", "When the medium was made digital."),
        *OF_MEDIUM,
    ),
)
