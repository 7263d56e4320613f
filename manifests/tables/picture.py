"""The picture table: one row for each image that a crawl met, so that like ones are found."""

from manifests.schema import TableSchema
from manifests.tables.common import SALT, own

PICTURE = TableSchema(
    "picture",
    1,
    (
        own("digest", "The blob.", "digest"),
        own("width", "Width in pixels of the upright image.", "integer"),
        own("height", "Height in pixels of the upright image.", "integer"),
        own("pixelDigest", "Digest of the upright image's pixels, as spec/pictures.md says.", "digest"),
        own("perceptualHash", "Perceptual hash of the upright image, in hex, as spec/pictures.md says."),
        own("decoder", "Name and version of what decoded the image."),
        own("fault", "Code of why the image could not be decoded; the columns before are absent then."),
        SALT,
    ),
)
