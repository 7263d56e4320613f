"""Why an archive is refused as a whole: one line that names file, line and reason."""

from crawlers.errors import CrawlerError


class ArchiveRefused(CrawlerError):
    """The archive cannot be taken; `str()` is one line for a curator."""

    def __init__(self, reason: str, *, file: str | None = None, line: int | None = None) -> None:
        self.reason = " ".join(reason.split())
        self.file = file
        self.line = line
        where = f"{file}, line {line}: " if file and line else f"{file}: " if file else ""
        super().__init__(where + self.reason)
