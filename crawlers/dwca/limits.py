"""How much of an untrusted archive we are willing to unpack and read."""

from dataclasses import asdict, dataclass

from hashstore.canonical import Json

GIB = 1 << 30
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one archive. Sizes in bytes, times in seconds.

    `max_ratio` is uncompressed to compressed size and judged only for members beyond `ratio_from`: short
    repetitive files compress a thousandfold and harm no one.
    """

    max_members: int = 20_000
    max_total: int = 64 * GIB
    max_ratio: int = 300
    ratio_from: int = 64 * MIB
    max_xml: int = 16 * MIB
    max_line: int = 8 * MIB
    max_field: int = 2 * MIB
    max_columns: int = 2_000
    memory: int = 512 * MIB
    address_space: int = 6 * GIB
    cpu: int = 3_600
    wall: int = 3_600
    threads: int = 2

    def to_json(self) -> dict[str, Json]:
        """As plain numbers, to cross into the box."""
        return dict(asdict(self))
