"""The reference form of a row."""

import pytest

from hashstore.digest import Digest
from manifests.errors import InvalidRow
from manifests.row import canonical_row
from manifests.schema import TableSchema


def test_members_are_sorted_and_nulls_are_left_out(everything: TableSchema) -> None:
    row = {"zz": '["x"]', "count": 5, "kept": False, "name": 'say "é"', "order": None}
    expected = '{"count":5,"kept":false,"name":"say \\"é\\"","zz":["x"]}'
    assert canonical_row(everything, row) == expected.encode()


def test_a_digest_is_printed_as_its_uri(everything: TableSchema) -> None:
    digest = Digest.of(b"bytes")
    expected = f'{{"bytes":"{digest.uri}"}}'.encode()
    assert canonical_row(everything, {"bytes": digest}) == expected
    assert canonical_row(everything, {"bytes": digest.raw}) == expected


def test_a_row_of_nothing_is_an_empty_object(everything: TableSchema) -> None:
    assert canonical_row(everything, {}) == b"{}"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"unknown": "x"}, "no column 'unknown'"),
        ({"name": 5}, "no string"),
        ({"name": "\ud800"}, "surrogate"),
        ({"count": "5"}, "no integer"),
        ({"count": True}, "no integer"),
        ({"kept": 1}, "no boolean"),
        ({"bytes": b"short"}, "no digest"),
        ({"bytes": "hash://sha256/00"}, "no digest"),
        ({"zz": ["x"]}, "no string"),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_refused(
    row: dict[str, object], words: str, everything: TableSchema
) -> None:
    with pytest.raises(InvalidRow, match=words):
        canonical_row(everything, row)
