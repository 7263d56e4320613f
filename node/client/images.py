"""Images of members as tensors: upright, in colour, and small if that is wanted."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageOps


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """Turns bytes into a tensor of 8-bit values, colour first: (3, height, width).

    Whoever trains on strangers' images decodes them in their own process, as with any other data set;
    Pillow's own limit on pixels holds.

    Attributes:
        side: Width and height that every image is fitted to, cut in the middle; None leaves it as it is.
    """

    side: int | None = None

    def __call__(self, data: bytes) -> torch.Tensor:
        """Decode an image.

        Raises:
            PIL.UnidentifiedImageError: it is none that Pillow knows.
        """
        with Image.open(io.BytesIO(data)) as image:
            if self.side is not None:
                # A JPEG can be decoded at a half, a quarter or an eighth for a part of the work.
                image.draft("RGB", (self.side, self.side))
            upright = ImageOps.exif_transpose(image).convert("RGB")
        if self.side is not None:
            upright = ImageOps.fit(upright, (self.side, self.side), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(upright)).permute(2, 0, 1).contiguous()
