"""Write the vectors of tables, canonical rows, segments' roots, row proofs and addresses.

Run it as `python spec/vectors/generate_segments.py`. Nothing in the vectors depends on Parquet, so that a
program in any language can check its own canonical rows.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from hashstore.canonical import Json
from hashstore.digest import Digest
from hashstore.merkle import inclusion_path, leaf_hash, merkle_root
from manifests.proof import RowProof
from manifests.row import canonical_row
from manifests.row_uri import RowUri
from manifests.source_row import SourceFile, SourceRow
from manifests.tables import ALL_SCHEMAS, MEDIA, RECORD, TABLES

FOLDER = Path(__file__).parent
ARCHIVE = Digest.of(b"an archive")

Row = Mapping[str, object]

ROWS: tuple[tuple[str, str, Row], ...] = (
    (
        "specimen",
        "strings in order of their names, nulls left out",
        {"genus": "Quercus", "family": None, "id": "1"},
    ),
    ("specimen", "an empty string is kept", {"locality": "", "id": "2"}),
    ("specimen", "quotation mark, reverse solidus, solidus", {"locality": 'the "old" C:\\ and/or'}),
    (
        "specimen",
        "no other character is escaped",
        {"recordedBy": "Müller\x7f\x80\u2028\u2029\ufeff\uffff\U0001f98b"},
    ),
    (
        "specimen",
        "names are sorted by UTF-16 code units",
        {"verbatim": '{"\U0001f98b":"1","\uffff":"2"}', "year": "1"},
    ),
    ("capture", "integers and digests", {"status": 200, "size": 9007199254740991, "digest": ARCHIVE.raw}),
    ("capture", "a negative integer and nought", {"status": -1, "size": 0}),
    (
        "media",
        "json columns appear as the values they hold",
        {"flags": '["a","b"]', "verbatim": '{"x y":"z"}'},
    ),
    ("record", "a row of nothing", {}),
)


def schemas() -> Json:
    """The documents and digests of all tables."""
    cases = [{"digest": schema.digest.uri, "document": schema.document()} for schema in ALL_SCHEMAS]
    return {"description": "Each version of each table schema, and the digest that names it.", "cases": cases}


def rows() -> Json:
    """Canonical rows and their leaf hashes."""
    cases: list[Json] = []
    for table, about, row in ROWS:
        canonical = canonical_row(TABLES[table], row)
        given = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
        cases.append(
            {
                "about": about,
                "table": table,
                "row": given,  # type: ignore[dict-item]
                "canonical": canonical.decode(),
                "leafHash": leaf_hash(canonical).hex(),
            }
        )
    about = (
        "Rows as stored, their canonical form (RFC 8785) and leaf hash (SHA-256 of 0x00 and the form). In "
        "`row`, digests are hex and json columns are the text that is stored; integers go up to 2^53 - 1."
    )
    return {"description": about, "cases": cases}


def roots() -> Json:
    """Roots over the first rows of a table, and the proofs of some of them."""
    leaves = [canonical_row(RECORD, {"source": "museum", "id": str(number)}) for number in range(1, 12)]
    hashes = [leaf_hash(row) for row in leaves]
    cases: list[Json] = [
        {"rows": size, "rowsRoot": Digest(merkle_root(hashes[:size])).uri}
        for size in range(1, len(leaves) + 1)
    ]
    about = "The root over the first so many of these canonical rows."
    return {"description": about, "canonicalRows": [row.decode() for row in leaves], "cases": cases}


def proofs() -> Json:
    """Row proofs, good and bad."""
    leaves = [
        canonical_row(MEDIA, {"source": "museum", "identifier": f"urn:x:{number}"}) for number in range(1, 7)
    ]
    hashes = [leaf_hash(row) for row in leaves]
    root = Digest(merkle_root(hashes))
    good = [
        RowProof(row, index, len(leaves), inclusion_path(hashes, index), root).document()
        for index, row in enumerate(leaves)
    ]
    first = good[0]
    assert isinstance(first, dict)
    bad = {
        "another row": {**first, "row": leaves[1].decode()},
        "another place": {**first, "index": 1},
        "a row that is not canonical": {**first, "row": " " + leaves[0].decode()},
        "a path too short": {**first, "path": first["path"][:-1]},
        "a path too long": {**first, "path": [*first["path"], "00" * 32]},
        "another root": {**first, "rowsRoot": Digest(bytes(32)).uri},
        "more rows than a segment can have": {**first, "size": 500_001},
    }
    cases: list[Json] = [
        {"about": f"row {number + 1}", "valid": True, "proof": p} for number, p in enumerate(good)
    ]
    cases += [{"about": about, "valid": False, "proof": proof} for about, proof in bad.items()]
    return {
        "description": "Proofs of single rows; a verifier accepts just those that are valid.",
        "cases": cases,
    }


def addresses() -> Json:
    """Row URIs and source rows."""
    plain, zipped = SourceFile(ARCHIVE), SourceFile.zipped(ARCHIVE, "multimedia.txt")
    packed = SourceFile(ARCHIVE, ("tar", "gz"), ("data/media.csv",))
    nested = SourceFile(ARCHIVE, ("zip", "zip"), ("inner.zip", "occurrence.txt"))
    printed = [
        SourceRow(plain, 42, 42),
        SourceRow(zipped, 42, 43),
        SourceRow(packed, 7, 7),
        SourceRow(nested, 2, 2),
    ]
    uri, lines = ARCHIVE.uri, f"line:zip:{ARCHIVE.uri}!/a.txt!/"
    return {
        "description": "Addresses of rows in segments and of lines in published files.",
        "rowUris": [
            {"uri": RowUri(ARCHIVE, row).print(), "segment": uri, "row": row, "index": row - 1}
            for row in (1, 500_000)
        ],
        "notRowUris": [uri, f"{uri}#row=0", f"{uri}#row=01", f"{uri}#row=500001", f"{uri}#line=1"],
        "sourceRows": [
            {
                "address": row.print(),
                "digest": row.file.digest.uri,
                "schemes": list(row.file.schemes),
                "members": list(row.file.members),
                "first": row.first,
                "last": row.last,
            }
            for row in printed
        ],
        "notSourceRows": [
            f"{lines}L0",
            f"{lines}L2-L2",
            f"{lines}L3-L2",
            f"{lines}L02",
            f"line:zip:{uri}!/L1",
            uri,
        ],
    }


VECTORS = {
    "segments_schemas.json": schemas,
    "rows.json": rows,
    "segments_roots.json": roots,
    "row_proof.json": proofs,
    "segments_addresses.json": addresses,
}


def main() -> None:
    """Write each file beside this program."""
    for name, make in VECTORS.items():
        (FOLDER / name).write_text(json.dumps(make(), ensure_ascii=True, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
