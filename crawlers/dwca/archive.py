"""The front door: converts an archive inside the box."""

from pathlib import Path
from typing import cast

from crawlers.box import BoxError, BoxLimits, run_boxed
from crawlers.dwca.container.interface import Digests
from crawlers.dwca.convert import convert_here
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.limits import Limits
from crawlers.dwca.report import ConversionReport, report_from_json, report_to_json
from hashstore.canonical import Json
from hashstore.digest import Digest


def convert_archive(
    archive: Path,
    digests: Digests,
    source: str,
    out: Path,
    limits: Limits | None = None,
    *,
    name: str | None = None,
) -> ConversionReport:
    """Turn a Darwin Core Archive into staging tables, without trusting a byte of it.

    Args:
        archive: A zip, tar or gzip file, an unpacked folder, or a bare table with Darwin Core headers.
        digests: The digest of the file; for a folder, the digests of its files by relative path.
        source: The name under which the node tracks the source; the `source` column of every row.
        out: Folder for `specimen.parquet`, `media.parquet`, `record.parquet` and `quarantine.parquet`, each
            with exactly the columns of its schema, and for the archive's metadata document.
        limits: How much to unpack, and how much memory and time the box may use.
        name: What to call the archive in a refusal, and a bare table in its rows, where its path does not
            tell (a blob is named by its digest).

    Raises:
        ArchiveRefused: The archive cannot be taken; the text is one line that says why.
    """
    limits = limits or Limits()
    named: Json = digests.uri if isinstance(digests, Digest) else {path: d.uri for path, d in digests.items()}
    box = BoxLimits(limits.address_space, limits.max_total, limits.cpu, limits.wall)
    try:
        answer = run_boxed(
            f"{__name__}:boxed",
            {
                "archive": str(archive.resolve()),
                "digests": named,
                "source": source,
                "out": str(out.resolve()),
                "limits": limits.to_json(),
                "name": name or archive.name,
            },
            box,
        )
    except BoxError as error:
        raise ArchiveRefused(str(error), file=name or archive.name) from None
    value = cast("dict[str, Json]", answer)
    if refused := cast("dict[str, str | int | None] | None", value.get("refused")):
        raise ArchiveRefused(
            str(refused["reason"]),
            file=cast("str", refused["file"]),
            line=cast("int | None", refused["line"]),
        )
    return report_from_json(value.get("report"))


def boxed(
    archive: str, digests: str | dict[str, str], source: str, out: str, limits: dict[str, int], name: str
) -> dict[str, Json]:
    """What runs inside the box."""
    named: Digests = (
        Digest.parse(digests)
        if isinstance(digests, str)
        else {path: Digest.parse(text) for path, text in digests.items()}
    )
    try:
        report = convert_here(Path(archive), named, source, Path(out), Limits(**limits), name=name)
    except ArchiveRefused as refusal:
        return {
            "refused": {
                "reason": refusal.reason,
                "file": refusal.file or name,
                "line": refusal.line,
            }
        }
    return {"report": report_to_json(report)}
