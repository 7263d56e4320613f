"""Canonical JSON against the vectors of RFC 8785's author, which nobody here wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from hashstore.canonical import canonical_json, parse_json
from hashstore.errors import MalformedJson


@pytest.mark.parametrize("name", ["french", "unicode", "weird", "arrays"])
def test_documents_without_fractions_have_the_canonical_form_of_the_rfc(shared_data: Path, name: str) -> None:
    folder = shared_data / "vectors/jcs/testdata"
    data = (folder / "input" / f"{name}.json").read_bytes()
    expected = bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text())
    assert canonical_json(parse_json(data)) == expected
    assert (folder / "output" / f"{name}.json").read_bytes() == expected


@pytest.mark.parametrize("name", ["values", "structures"])
def test_documents_with_fractions_are_refused(shared_data: Path, name: str) -> None:
    """RFC 8785 has a form for them; we do not use floats, since implementations print them differently."""
    with pytest.raises(MalformedJson, match="decimals travel as strings"):
        parse_json((shared_data / f"vectors/jcs/testdata/input/{name}.json").read_bytes())
