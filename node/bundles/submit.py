"""Take a bundle in: its bytes are checked and kept, and that it was handed in is signed. Nothing is run."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from analyzers.bundle.manifest import Bundle, read_bundle
from analyzers.code import entry_module, read_code, top_package
from analyzers.errors import UnsuitableBundle
from analyzers.onnx_model.folder import given_analyzers
from analyzers.registry import BUILT_IN, analyzer_names, analyzer_packages
from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from node.bundles.errors import BundleError
from node.bundles.files import BundleFiles
from node.bundles.known import submitted
from node.compose import Node
from node.look.access import public_among
from node.publish import publish, staged
from node.slices.bringing import Fetch
from provenance.statement import new_statement_id
from provenance.statement.kinds import BundleSubmission

# Python imports these when it starts, if they are there.
_AT_START: Final = ("sitecustomize", "usercustomize")


def submit_files(node: Node, files: BundleFiles) -> Digest:
    """Take in a bundle from files; returns the statement's digest. One that was taken in before stays.

    Raises:
        AnalyzerError: it is no bundle, or its bytes were changed.
        BundleError: its name is taken, or it names what is not public here.
    """
    with node.writing():
        # What is refused stays among the temporaries, which the next writer sweeps.
        return _submitted(node, files.bundle, files.code(), list(files.staged(node.store)))


def submit_digest(node: Node, digest: Digest, fetch: Fetch) -> Digest:
    """Take in a bundle by its digest: what is not here is brought from whoever has it.

    Raises:
        BundleError: a part is nowhere to be had.
    """
    _brought(node, [digest], fetch)
    bundle = read_bundle(node.store.read(digest))
    _brought(node, bundle.parts, fetch)
    with node.writing():
        return _submitted(node, bundle, node.store.read(bundle.code), ())


def _submitted(node: Node, bundle: Bundle, code: bytes, sealed: Sequence[Sealed]) -> Digest:
    check_name(node, bundle.description.name)
    check_code(code)
    with node.index() as index:
        earlier = submitted(index, bundle.digest)
        hidden = set(bundle.parts) - public_among(index, bundle.parts)
    if hidden:
        raise BundleError(f"{min(hidden).uri} is not public at this node, so no bundle may hold it.")
    if earlier is not None:
        node.store.commit(sealed)
        return earlier
    said = BundleSubmission(
        id=new_statement_id(),
        agent=node.identity.public,
        made=datetime.now(UTC),
        bundle=bundle.digest,
        name=bundle.description.name,
        version=bundle.description.version,
        parts=bundle.parts,
    )
    return publish(node, said.document(), [*sealed, staged(node, bundle.data)])


def check_name(node: Node, name: str) -> None:
    """Refuse the name of an analyzer that is here already.

    Raises:
        BundleError: there is one.
    """
    given, _ = given_analyzers(node.layout.models)
    if name in analyzer_names() or name in given:
        raise BundleError(f"An analyzer {name} is installed here, so a bundle of that name would never run.")


def check_code(code: bytes) -> None:
    """Refuse code that would lie over what it is run by: Python's own modules, ours, or a library's.

    Raises:
        AnalyzerError: it would, or is no code of an analyzer.
    """
    sources = read_code(code)
    entry_module(sources)
    top = top_package(sources)
    ours = {*_AT_START, *(place.split(".")[0] for place in BUILT_IN.values())}
    if top in ours or (importlib.util.find_spec(top) is not None and top not in analyzer_packages()):
        raise UnsuitableBundle(f"The code's package {top!r} is the name of another that is installed here.")


def _brought(node: Node, digests: Iterable[Digest], fetch: Fetch) -> None:
    list(fetch([digest for digest in digests if not node.store.contains(digest)]))
    for digest in digests:
        if not node.store.contains(digest):
            raise BundleError(f"{digest.uri}, which the bundle needs, is nowhere to be had.")
