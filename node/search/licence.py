"""The licence of an image, as all records that show it say it."""

from __future__ import annotations

from typing import Final

from hashstore.digest import Digest
from node.search.database import Query

_LICENCES: Final = """
SELECT DISTINCT r.licenseSPDX FROM image i
JOIN unit u USING (number) JOIN rights r ON r.id = u.rights
WHERE i.digest = $digest AND i.number NOT IN (SELECT id FROM {hidden})
"""


def licence_of(query: Query, image: Digest) -> str | None:
    """The SPDX identifier of an image's licence; None if no record says it, or some say another.

    Args:
        query: The question that this is part of.
        image: Its digest.
    """
    hidden = query.look_up(query.hidden)
    rows = query.rows(_LICENCES.format(hidden=hidden), {"digest": image.raw})
    return rows[0]["licenseSPDX"] if len(rows) == 1 else None
