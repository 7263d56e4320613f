"""A row is proved by its path, and by nothing else."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.blobstore.memory import MemoryBlobStore
from hashstore.canonical import Json, canonical_json, parse_json
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.errors import DamagedSegment, InvalidRowProof
from manifests.proof import RowProof, prove_row, verify_row
from manifests.row import canonical_row
from manifests.schema import TableSchema
from manifests.segment import Segment, SegmentWriter, leaf_hashes
from manifests.tables import RECORD

Row = Mapping[str, object]
ROWS: list[Row] = [{"source": "museum", "id": str(number)} for number in range(23)]


@pytest.fixture(scope="module")
def made(batch: Callable[[TableSchema, Sequence[Row]], pa.RecordBatch]) -> tuple[bytes, Segment]:
    store = MemoryBlobStore()
    with SegmentWriter(store, RECORD, AccessClass.PUBLIC) as writer:
        writer.write(batch(RECORD, ROWS))
        (segment,) = writer.close()
    return store.read(segment.digest), segment


def test_every_row_is_proved_and_its_proof_survives_json(made: tuple[bytes, Segment]) -> None:
    data, segment = made
    hashes = leaf_hashes(io.BytesIO(data), RECORD)
    for index, row in enumerate(ROWS):
        proof = prove_row(io.BytesIO(data), RECORD, index, hashes)
        verify_row(proof)
        assert (proof.row, proof.rows_root) == (canonical_row(RECORD, row), segment.rows_root)
        assert RowProof.from_document(parse_json(canonical_json(proof.document()))) == proof
    assert prove_row(io.BytesIO(data), RECORD, 5) == prove_row(io.BytesIO(data), RECORD, 5, hashes)


def test_a_row_that_is_not_there_cannot_be_proved(made: tuple[bytes, Segment]) -> None:
    with pytest.raises(DamagedSegment):
        prove_row(io.BytesIO(made[0]), RECORD, len(ROWS))


def test_foreign_leaf_hashes_are_noticed(made: tuple[bytes, Segment]) -> None:
    with pytest.raises(DamagedSegment, match="row 2"):
        prove_row(io.BytesIO(made[0]), RECORD, 1, [bytes(32)] * len(ROWS))


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_changed_proof_proves_nothing(data: st.DataObject, made: tuple[bytes, Segment]) -> None:
    proof = prove_row(io.BytesIO(made[0]), RECORD, data.draw(st.integers(0, len(ROWS) - 1)))
    step = data.draw(st.integers(0, len(proof.path) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                replace(proof, row=canonical_row(RECORD, {"source": "museum", "id": "other"})),
                replace(proof, index=(proof.index + 1) % proof.size),
                replace(proof, index=-1),
                replace(proof, size=proof.size * 2),
                replace(proof, size=0),
                replace(proof, size=10**9),
                replace(proof, path=proof.path[:-1]),
                replace(proof, path=(*proof.path, bytes(32))),
                replace(proof, path=(*proof.path[:step], bytes(32), *proof.path[step + 1 :])),
                replace(proof, rows_root=Digest(bytes(32))),
                replace(proof, row=b" " + proof.row),
                replace(proof, row=b"[]"),
                replace(proof, row=b"\xff"),
            ]
        )
    )
    with pytest.raises(InvalidRowProof):
        verify_row(changed)


@pytest.mark.parametrize(
    "change",
    [
        {"row": 1},
        {"row": "\ud800"},
        {"index": "0"},
        {"index": True},
        {"size": None},
        {"path": "ab"},
        {"path": ["AB" * 32]},
        {"path": ["ab"]},
        {"path": ["zz" * 32]},
        {"path": [5]},
        {"rowsRoot": "ab"},
        {"more": "x"},
    ],
)
def test_a_malformed_document_is_refused(change: dict[str, object], made: tuple[bytes, Segment]) -> None:
    document = prove_row(io.BytesIO(made[0]), RECORD, 0).document()
    assert isinstance(document, dict)
    with pytest.raises(InvalidRowProof):
        RowProof.from_document({**document, **change})  # type: ignore[dict-item]


@pytest.mark.parametrize("document", [[], None, "proof", {}, 5])
def test_what_is_no_document_is_refused(document: Json) -> None:
    with pytest.raises(InvalidRowProof):
        RowProof.from_document(document)
