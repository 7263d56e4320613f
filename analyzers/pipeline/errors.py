"""What is wrong with a pipeline: all of it at once, each with its line and step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.errors import AnalyzerError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        line: Of the file, from 1.
        words: What, and what to do.
        step: The step that it is in; None for the file as a whole.
    """

    line: int
    words: str
    step: str | None = None

    def told(self, file: str) -> str:
        """As one line: `labels.yaml, line 7, step words: …`."""
        step = f", step {self.step}" if self.step else ""
        return f"{file}, line {self.line}{step}: {self.words}"


class PipelineRefused(AnalyzerError):
    """A file is no pipeline, or one that cannot be run.

    Args:
        file: Its name.
        faults: What is wrong, at least one thing.
    """

    def __init__(self, file: str, faults: Sequence[Fault]) -> None:
        self.file, self.faults = file, tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(fault.told(file) for fault in self.faults))
