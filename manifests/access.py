"""Who may see a row: the classes by which segments are split, so that one that travels is wholly public."""

from enum import StrEnum


class AccessClass(StrEnum):
    """The access class of a segment; every row in it has the same one."""

    PUBLIC = "public"
    WITHHELD = "withheld"
