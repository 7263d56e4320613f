"""Captures and findings for the records of `bench.specimens`, from a fixed seed, straight into an index."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from bench.harness import say
from manifests.tables import FINDING, SPECIMEN
from node.index import Index

EACH: Final = 5  # findings of one image
_ANALYZERS: Final = ("image-facts", "sheet-segments", "label-text")
_LOG_INDEX: Final = 300

_CAPTURES = """
INSERT INTO capture BY NAME
SELECT 0 AS log, 200 AS log_index, row_number() OVER () AS row, 'public' AS access, true AS current, source,
    accessURI AS url, 'image' AS role, unhex(sha256(accessURI)) AS digest
FROM media WHERE log_index = 101 LIMIT {images}
"""
# A stamp on each hundredth image, a collector whose name stands on each thousandth.
_FINDINGS = """
INSERT INTO finding BY NAME
SELECT 0 AS log, {log_index} + n % 3 AS log_index, (i * {each} + n) AS row, 'public' AS access,
    true AS current, digest, unhex(sha256(i || ' ' || n)) AS key, 1 AS place,
    unhex(sha256('analyzer ' || n % 3)) AS analyzer,
    CASE n WHEN 0 THEN 'sharpness' WHEN 1 THEN if(i % 100 = 0, 'stamp', 'label') WHEN 2 THEN 'text'
        WHEN 3 THEN 'brightness' ELSE 'specimen' END AS kind,
    CASE n WHEN 2 THEN 'Herbarium ' || i || if(i % 1000 = 0, ' F. Crépin', ' leg. ' || i % 700) END AS text,
    CASE WHEN n IN (0, 3) THEN printf('%.6f', (i * 7919 % 100000) / 100000) END AS value,
    CASE WHEN n NOT IN (0, 3) THEN printf('%.2f', (i * 7919 % 101) / 101) END AS confidence
FROM (SELECT row AS i, digest FROM capture), range({each}) t(n)
"""


def with_findings(index: Path, folder: Path, images: int) -> Path:
    """A copy of an index, with findings of so many images; returns its file."""
    say(f"making {images * EACH:,} findings ...")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.duckdb"
    shutil.copyfile(index, path)
    with Index(path, memory_limit="2GB") as opened:
        connection = opened.connection
        connection.execute(_CAPTURES.format(images=images))
        connection.execute(_FINDINGS.format(log_index=_LOG_INDEX, each=EACH))
        for place, name in enumerate(_ANALYZERS):
            statement = name.encode().ljust(32)
            document = json.dumps({"analyzer": {"name": name, "softwareVersion": "1"}})
            connection.execute(
                "INSERT INTO leaf VALUES (0, ?, 'segment', ?, ?, 'finding', NULL, 0, NULL, 'public')",
                [_LOG_INDEX + place, statement, statement],
            )
            connection.execute(
                "INSERT INTO statement VALUES (0, ?, ?, '', 'AnalysisRun', '', NULL, NULL, NULL, ?)",
                [_LOG_INDEX - 1 - place, statement, document],
            )
        for schema in (SPECIMEN, FINDING):
            connection.execute(
                "UPDATE leaf SET schema = ? WHERE table_name = ?", [schema.digest.raw, schema.name]
            )
        connection.execute("CHECKPOINT")
    return path
