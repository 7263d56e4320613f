"""Makes annotations.json: names of annotations, subjects, agents, and statements (spec/annotations.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from hashstore.merkle import leaf_hash, merkle_root
from manifests.access import AccessClass
from manifests.annotations import Subject, annotation_name, parse_subject
from manifests.row import canonical_row
from manifests.schema import TableSchema
from manifests.segment import Segment
from manifests.tables import ANNOTATION, REVIEW
from provenance.keys import SigningKey
from provenance.statement import issue
from provenance.statement.kinds import AnnotationSet, ReviewSet, ReviewTally

IMAGE, KEY = Digest.of(b"image"), Digest.of(b"key")
NODE = SigningKey(b"i" * 32)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ORCID = "https://orcid.org/0000-0002-1825-0097"
ACCOUNT = "urn:uuid:11111111-1111-4111-8111-111111111111"
SAID = {"digest": IMAGE.raw, "created": "2026-11-23T08:00:00Z"}
CONTENTS: tuple[Mapping[str, Any], ...] = (
    {
        **SAID, "agent": ORCID, "motivation": "describing", "kind": "label",
        "region": "xywh=pixel:10,20,300,400", "text": "Quercus robur L.", "language": "la",
        "confidence": "0.9",
    },
    {**SAID, "agent": ACCOUNT, "motivation": "tagging", "kind": "stamp", "region": "point=pixel:7,8"},
    {
        **SAID, "agent": NODE.public.did, "motivation": "identifying", "kind": "taxon",
        "term": "https://www.gbif.org/species/2878688",
    },
    {
        **SAID, "agent": ORCID, "motivation": "assessing", "kind": "petal", "value": "12.5", "unit": "mm",
        "uncertainty": "0.5",
    },
)  # fmt: skip
ANNOTATIONS = tuple({**content, "annotation": annotation_name(content).raw} for content in CONTENTS)
SUBJECT = Subject(KEY, 3).text
DECIDED = {"digest": IMAGE.raw, "subject": SUBJECT, "agent": NODE.public.did}
REVIEWS: tuple[Mapping[str, Any], ...] = (
    {**DECIDED, "decision": "accepted", "reviewed": "2026-11-23T08:30:00Z"},
    {
        **DECIDED, "decision": "amended", "reviewed": "2026-11-23T09:00:00Z", "note": "The label says robur.",
        "replacement": ANNOTATIONS[0]["annotation"],
    },
)  # fmt: skip
AGENTS = (ORCID, ACCOUNT, NODE.public.did, "https://orcid.org/0000-0002-1694-233X")
NO_AGENTS = (
    "", "maria@museum.example", "mailto:maria@museum.example", "https://orcid.org/0000-0002-1825-0098",
    "http://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097/", "0000-0002-1825-0097",
    "urn:uuid:11111111-1111-4111-8111-11111111111A", "https://museum.example/maria",
    "did:key:", "did:web:x.example",
)  # fmt: skip
NO_SUBJECTS = (
    "",
    KEY.hex,
    f"{KEY.uri}#0",
    f"{KEY.uri}#03",
    f"{KEY.uri}#",
    f"{KEY.uri}#row=3",
    f"{KEY.uri}#-1",
)


def main() -> None:
    """Write the vectors beside this file."""
    text = json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_name("annotations.json").write_text(text, encoding="utf-8")


def vectors() -> dict[str, Any]:
    """All of them."""
    subjects = (SUBJECT, Digest(ANNOTATIONS[0]["annotation"]).uri)
    return {
        "description": "Canonical rows of annotations with what names them, subjects, agents, reviews in the "
        "order of a log with the one that holds, and statements (spec/annotations.md).",
        "annotations": [
            {"name": annotation_name(row).uri, "content": _canonical(ANNOTATION, content),
             "row": _canonical(ANNOTATION, row)}
            for content, row in zip(CONTENTS, ANNOTATIONS, strict=True)
        ],
        "subjects": [
            {"text": text, "digest": parse_subject(text).digest.uri, "place": parse_subject(text).place}
            for text in subjects
        ],
        "malformedSubjects": list(NO_SUBJECTS),
        "agents": list(AGENTS),
        "refusedAgents": list(NO_AGENTS),
        "reviews": [_canonical(REVIEW, row) for row in REVIEWS],
        "holds": _canonical(REVIEW, REVIEWS[-1]),
        "statements": [
            json.loads(issue(document, NODE, NOW).raw) for document in (_annotation_set(), _review_set())
        ],
    }  # fmt: skip


def _annotation_set() -> dict[str, Any]:
    iri = "urn:uuid:22222222-2222-4222-8222-222222222222"
    segment = _segment(ANNOTATION, ANNOTATIONS)
    return AnnotationSet(iri, NODE.public, ("vasculum", "1"), NOW, (segment,), len(ANNOTATIONS)).document()


def _review_set() -> dict[str, Any]:
    iri = "urn:uuid:33333333-3333-4333-8333-333333333333"
    segment = _segment(REVIEW, REVIEWS)
    return ReviewSet(iri, NODE.public, ("vasculum", "1"), NOW, (segment,), ReviewTally(1, 0, 1)).document()


def _segment(schema: TableSchema, rows: tuple[Mapping[str, Any], ...]) -> Segment:
    """As the statement lists it; the Parquet file's digest is made up, since writers differ."""
    root = Digest(merkle_root([leaf_hash(canonical_row(schema, row)) for row in rows]))
    file = Digest.of(schema.name.encode())
    return Segment(file, schema.name, schema.digest, len(rows), root, AccessClass.PUBLIC)


def _canonical(schema: TableSchema, row: Mapping[str, Any]) -> Any:
    return json.loads(canonical_row(schema, row))


if __name__ == "__main__":
    main()
