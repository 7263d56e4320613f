"""Commitments: binding, hiding, and the same in every language."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.canonical import Json
from hashstore.digest import Digest
from manifests.commitment import Opening, commit, opens, salt_of
from manifests.errors import ManifestError

VECTORS = json.loads((Path(__file__).parents[2] / "spec" / "vectors" / "commitments.json").read_text())
SALT = bytes(range(32))
values = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("case", VECTORS["commitments"], ids=lambda case: case["about"])
def test_a_commitment_is_what_the_specification_says(case: dict[str, str]) -> None:
    salt = bytes.fromhex(case["salt"])
    assert commit(case["value"], salt).uri == case["commitment"]
    assert opens(Digest.parse(case["commitment"]), Opening(case["value"], salt))


@pytest.mark.parametrize("case", VECTORS["salts"], ids=lambda case: str(len(case["subject"])))
def test_a_salt_is_derived_as_the_specification_says(case: dict[str, str]) -> None:
    assert salt_of(bytes.fromhex(case["secret"]), case["subject"]).hex() == case["salt"]


@given(values, values)
def test_a_commitment_opens_to_its_own_value_alone(value: Json, other: Json) -> None:
    made = commit(value, SALT)
    assert opens(made, Opening(value, SALT))
    assert not opens(made, Opening(value, bytes(32)))
    assert opens(made, Opening(other, SALT)) == (commit(other, SALT) == made)


@given(st.text(max_size=5), st.text(max_size=5))
def test_no_two_subjects_share_a_salt(one: str, other: str) -> None:
    secret = bytes(32)
    assert (salt_of(secret, [one.encode().hex()]) == salt_of(secret, [other.encode().hex()])) == (
        one == other
    )


def test_a_short_salt_or_secret_is_refused() -> None:
    with pytest.raises(ManifestError, match="32 bytes"):
        commit("x", b"short")
    with pytest.raises(ManifestError, match="32 bytes"):
        salt_of(b"short", "x")
    assert not opens(commit("x", SALT), Opening("x", b"short"))
