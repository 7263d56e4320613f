from __future__ import annotations

import json
from pathlib import Path

import pytest

from provenance import contexts
from provenance.errors import ContextError


def test_every_bundled_context_has_its_pinned_digest() -> None:
    assert set(contexts.CONTEXT) == set(contexts.pins())
    for url in contexts.pins():
        assert "@context" in json.loads(contexts.context_bytes(url))


@pytest.mark.parametrize(
    "url", ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/vasculum/v1/", "file:///etc/passwd", ""]
)
def test_no_other_context_is_ever_served(url: str) -> None:
    with pytest.raises(ContextError, match="none is ever fetched"):
        contexts.load_document(url)


def test_a_missing_or_changed_context_file_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contexts, "_HERE", tmp_path)
    with pytest.raises(ContextError, match="make install"):
        contexts.context_bytes(contexts.VASCULUM)
    (tmp_path / "vasculum-v1.jsonld").write_text("{}")
    with pytest.raises(ContextError, match="pinned digest"):
        contexts.context_bytes(contexts.VASCULUM)


def test_all_our_own_terms_lie_in_one_namespace_or_a_published_one() -> None:
    terms = json.loads(contexts.context_bytes(contexts.VASCULUM))["@context"]
    known = (
        "https://w3id.org/vasculum/ns#",
        "http://www.w3.org/ns/prov#",
        "http://purl.org/dc/terms/",
        "http://purl.org/pav/",
        "https://schema.org/",
        "http://www.w3.org/ns/dcat#",
        "http://purl.org/spar/cito/",
    )
    for name, term in terms.items():
        if not name.startswith("@") and name not in ("id", "type"):
            iri = term if isinstance(term, str) else term["@id"]
            assert iri.startswith(known), name


def test_the_lock_file_fixes_digests_and_names_no_address(project_root: Path) -> None:
    lock = json.loads((project_root / "web/package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all(
        "resolved" not in package and package["integrity"].startswith("sha512-") for package in packages
    )
