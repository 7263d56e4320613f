"""The rights URI of a licence, as IIIF wants it. Pure."""

from __future__ import annotations

import re
from typing import Final

_CC: Final = re.compile(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-([1-4]\.[05])(?:-([A-Z]{2,3}))?", re.ASCII)
_PUBLIC_DOMAIN: Final = {
    "CC0-1.0": "http://creativecommons.org/publicdomain/zero/1.0/",
    "CC-PDM-1.0": "http://creativecommons.org/publicdomain/mark/1.0/",
}


def rights_uri(spdx: str) -> str | None:
    """The address that stands for a licence (Image API 3.0, section 5.6: Creative Commons, in `http` form).

    Args:
        spdx: Its SPDX identifier.

    Returns:
        None for one that the specification does not take.
    """
    if found := _CC.fullmatch(spdx):
        port = f"{found[3].lower()}/" if found[3] else ""
        return f"http://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/{port}"
    return _PUBLIC_DOMAIN.get(spdx)
