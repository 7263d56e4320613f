"""How many of which witnesses make a checkpoint strong: N of M, chosen by the reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from provenance.cosignature import Cosignature, CosignerKey, cosignatures
from provenance.errors import MalformedKey
from provenance.log.checkpoint import parse_checkpoint_text
from provenance.log.note import parse_note


@dataclass(frozen=True, slots=True)
class Witnessed:
    """Which trusted witnesses cosigned a checkpoint.

    Attributes:
        by: their cosignatures, each witness (by name) once, the earliest first.
        threshold: how many the reader asks for.
    """

    by: tuple[Cosignature, ...]
    threshold: int

    @property
    def strong(self) -> bool:
        """Whether enough witnesses cosigned."""
        return len(self.by) >= self.threshold


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """The witnesses that a reader trusts not to collude, and how many of them must have cosigned.

    Attributes:
        witnesses: their keys; several keys under one name are one witness.
        threshold: how many names, at least 1.
    """

    witnesses: frozenset[CosignerKey]
    threshold: int

    def __post_init__(self) -> None:
        names = {key.name for key in self.witnesses}
        if not 1 <= self.threshold <= len(names):
            raise MalformedKey(
                f"A threshold of {self.threshold} cannot be met by {len(names)} witnesses: "
                "it lies between 1 and their number."
            )
        if len({key.raw for key in self.witnesses}) != len(self.witnesses):
            raise MalformedKey("One key stands for two witnesses, so it would count twice.")

    @classmethod
    def parse(cls, keys: Iterable[str], threshold: int) -> WitnessPolicy:
        """Reads verifier keys of witnesses, `<name>+<id>+<base64>` of type 4 or 6.

        Raises:
            MalformedKey: a text is none, or the threshold cannot be met.
        """
        return cls(frozenset(CosignerKey.parse(text) for text in keys), threshold)

    def judge(self, signed_checkpoint: bytes) -> Witnessed:
        """Which of the witnesses cosigned a checkpoint.

        Raises:
            MalformedNote: it is no checkpoint.
            BadSignature: a line names one of the witnesses and does not hold.
        """
        note = parse_note(signed_checkpoint)
        found = cosignatures(note, parse_checkpoint_text(note.text), self.witnesses)
        by_name: dict[str, Cosignature] = {}
        # A cosignature that says nothing of the time does not say either that no larger head was seen.
        for each in sorted((each for each in found if each.timestamp), key=_when):
            by_name.setdefault(each.key.name, each)
        return Witnessed(tuple(by_name.values()), self.threshold)


def _when(cosignature: Cosignature) -> tuple[int, str]:
    return cosignature.timestamp, cosignature.key.name
