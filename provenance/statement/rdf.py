"""From JSON-LD to canonical RDF, without losing a term on the way.

pyld expands, pyoxigraph canonicalises (RDFC-1.0). pyld's own normaliser is not used: it leaves control
characters unescaped, so that other implementations would refuse our signatures.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import pyoxigraph as ox

from hashstore.canonical import Json
from provenance.contexts import load_document
from provenance.errors import MalformedStatement, ProvenanceError


@contextmanager
def _without(*names: str) -> Iterator[None]:
    """Keep modules that are not loaded yet from being loaded."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


# pyld loads HTTP clients for its loader of documents, which takes longer than all the rest; ours asks nobody.
with _without("requests", "aiohttp"):
    from pyld import jsonld

Loader: TypeAlias = Callable[[str, Any], dict[str, Any]]

# What pyld resolves a relative name against; whatever then begins with it was no full IRI.
_BASE = "https://relative.invalid/"
# Absolute, and of the characters that N-Quads allows; or a blank node of a stranger's document.
_IRI = re.compile(r"(?:_|[A-Za-z][A-Za-z0-9+.-]*):[^\x00-\x20<>\"{}|\\^`]*")
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


def canonical_nquads(document: Mapping[str, Json], loader: Loader = load_document) -> bytes:
    """The canonical N-Quads of a JSON-LD document (RDFC-1.0 with SHA-256).

    Raises:
        MalformedStatement: a term or type is not defined, or a value cannot be kept.
        ContextError: the document names a context that is not bundled.
    """
    return canonical_form(dataset_of(document, loader))


def canonical_form(
    dataset: ox.Dataset, algorithm: ox.CanonicalizationAlgorithm = ox.CanonicalizationAlgorithm.RDFC_1_0
) -> bytes:
    """The canonical N-Quads of a dataset, which is left as it is."""
    copy = ox.Dataset(dataset)
    copy.canonicalize(algorithm)
    lines = sorted(ox.serialize([quad], format=ox.RdfFormat.N_QUADS) or b"" for quad in copy)
    return b"".join(lines)


def dataset_of(document: Mapping[str, Json], loader: Loader = load_document) -> ox.Dataset:
    """The RDF of a JSON-LD document.

    Raises:
        MalformedStatement: see `canonical_nquads`.
        ContextError: see `canonical_nquads`.
    """
    try:
        expanded = _expand(document, loader)
        return ox.Dataset(_quads(jsonld.to_rdf(expanded, {"documentLoader": loader, "base": _BASE})))
    except ProvenanceError:
        raise
    except jsonld.JsonLdError as error:
        if (cause := _cause_of(error)) is not None:
            raise cause from error
        raise MalformedStatement(f"The document is no valid JSON-LD: {error.type}, {error.code}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise MalformedStatement(f"The document cannot be turned into RDF: {error}") from error


def _cause_of(error: BaseException) -> BaseException | None:
    """What says nothing against the document, or says it better: pyld chains it as its version likes."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, (ProvenanceError, MemoryError, OSError)):
        cause = getattr(cause, "cause", None) or cause.__cause__
    return cause


def _expand(document: Mapping[str, Json], loader: Loader) -> Sequence[Any]:
    dropped: list[str] = []
    options = {"documentLoader": loader, "processingMode": "json-ld-1.1", "base": _BASE}
    expanded: Sequence[Any] = jsonld.expand(dict(document), options, on_property_dropped=dropped.append)
    if dropped:
        raise MalformedStatement(
            f"The term {dropped[0]!r} is not defined in its contexts, so RDF readers would drop it. "
            "Name a term of your own by its full IRI."
        )
    _check_kept(expanded)
    return expanded


def _check_kept(value: Any) -> None:
    """Refuses what expansion lets through but RDF drops: relative names and null values."""
    if isinstance(value, list):
        for item in value:
            _check_kept(item)
    elif isinstance(value, dict):
        terms = [term for term in value if not term.startswith("@")]
        for name in (*terms, *_as_list(value.get("@id")), *_as_list(value.get("@type"))):
            _check_name(name)
        for term, item in value.items():
            if term not in ("@id", "@type", "@value"):
                _check_kept(item)


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not _IRI.fullmatch(name) or name.startswith(_BASE):
        shown = str(name).removeprefix(_BASE)
        raise MalformedStatement(f"{shown!r} is no full IRI and no defined name, so RDF would drop it.")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _quads(dataset: Mapping[str, Sequence[Mapping[str, Mapping[str, str]]]]) -> list[ox.Quad]:
    quads = []
    for name, triples in dataset.items():
        graph: ox.NamedNode | ox.BlankNode | ox.DefaultGraph = ox.DefaultGraph()
        if name != "@default":
            graph = ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name)
        for triple in triples:
            subject, predicate, object_ = (_term(triple[part]) for part in ("subject", "predicate", "object"))
            quads.append(ox.Quad(subject, predicate, object_, graph))  # type: ignore[arg-type]
    return quads


def _term(term: Mapping[str, str]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    value = term["value"]
    if term["type"] == "IRI":
        return ox.NamedNode(value)
    if term["type"] == "blank node":
        return ox.BlankNode(value.removeprefix("_:"))
    if language := term.get("language"):
        return ox.Literal(value, language=language)
    return ox.Literal(value, datatype=ox.NamedNode(term.get("datatype", _XSD_STRING)))
