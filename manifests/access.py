"""Who may see a row: the classes by which segments are split, so that one that travels is wholly public."""

from enum import StrEnum


class AccessClass(StrEnum):
    """The access class of a segment; every row in it has the same one."""

    PUBLIC = "public"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"
    """Was public once; what a thing becomes later, so that no segment is ever written with it."""


def segment_access(text: str) -> AccessClass:
    """The access class that a leaf or a statement gives a segment.

    Raises:
        ValueError: there is no such class, or no segment has it.
    """
    access = AccessClass(text)
    if access is AccessClass.WITHDRAWN:
        raise ValueError("no segment is written as withdrawn")
    return access
