"""The provenance page, the page that judges a dropped bundle, and citations in every format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from hashstore.errors import HashstoreError
from manifests.citing import FORMATS
from manifests.errors import ManifestError
from node.cite import bundle_of, cited_thing
from node.compose import Node
from node.errors import NodeError, Withdrawn
from node.look.access import require
from node.look.account import account_of
from node.look.resolve import resolve
from node.policy import Principal
from node.web.pages import Pages
from node.web.provenance.chain import chain_of
from node.web.provenance.checks import checks_of
from node.web.provenance.proof import hash_again, prove, trusted_here
from provenance.citation.bundle import LARGEST_BUNDLE
from provenance.citation.trust import TrustedKeys
from provenance.citation.verify import verify_bundle
from provenance.errors import KeyMaterialError, ProvenanceError

_LONGEST: Final = 500  # characters of an identifier
_MEDIA_TYPES: Final = {
    "text": ("text/plain; charset=utf-8", "txt"),
    "bibtex": ("application/x-bibtex; charset=utf-8", "bib"),
    "ris": ("application/x-research-info-systems; charset=utf-8", "ris"),
    "csl": ("application/vnd.citationstyles.csl+json", "json"),
    "datacite": ("application/vnd.datacite.datacite+json", "json"),
    "bundle": ("application/json", "citation.json"),
}
_MALFORMED: Final = (HashstoreError, ManifestError)


def add_provenance(api: FastAPI, live: Callable[[], Node], pages: Pages) -> None:
    """Show where things came from, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        pages: Renders.
    """

    @api.get("/provenance", include_in_schema=False)
    def provenance(request: Request) -> Response:
        """The chain behind whatever an identifier names, and whether each link holds."""
        text = request.query_params.get("of", "")[:_LONGEST].strip()
        if not text:
            return pages.page(request, "provenance/ask.html", asked="", problem=None)
        try:
            return pages.page(request, "provenance/chain.html", asked=text, **_told(live(), text))
        except Withdrawn as error:
            return pages.page(request, "provenance/ask.html", 410, asked=text, problem=str(error))
        except (NodeError, *_MALFORMED) as error:
            return pages.page(request, "provenance/ask.html", 404, asked=text, problem=str(error))

    @api.post("/provenance/verify", include_in_schema=False)
    async def verify(request: Request) -> Response:
        """Judge a bundle that somebody brings; it is kept nowhere."""
        async with request.form(max_files=1, max_fields=2, max_part_size=LARGEST_BUNDLE) as form:
            file, keys = form.get("bundle"), form.get("keys")
            data = await file.read(LARGEST_BUNDLE + 1) if isinstance(file, UploadFile) else b""
        return _judged(request, live(), pages, data, keys if isinstance(keys, str) else "")

    @api.get("/cite", include_in_schema=False)
    def cite(request: Request) -> Response:
        """A citation of something, in one format."""
        text = request.query_params.get("of", "")[:_LONGEST].strip()
        form = request.query_params.get("format", "text")
        if form not in _MEDIA_TYPES:
            return Response(f"There are {', '.join(_MEDIA_TYPES)}.", 400, media_type="text/plain")
        try:
            return _cited(live(), text, form)
        except (NodeError, ProvenanceError, *_MALFORMED):
            return Response("There is nothing here that could be cited so.", 404, media_type="text/plain")


def _told(node: Node, text: str) -> dict[str, Any]:
    with node.index() as index:
        account = account_of(node, index, text, Principal.PUBLIC)
        verdict, problem = prove(node, index, account.thing)
        chain = chain_of(account)
        return {
            "account": account,
            "chain": chain,
            "drawn": [asdict(link) for link in chain],
            "bytes": hash_again(node, account.thing),
            "verdict": verdict,
            "checks": () if verdict is None else checks_of(verdict),
            "problem": problem,
        }


def _judged(request: Request, node: Node, pages: Pages, data: bytes, keys: str) -> Response:
    try:
        given = TrustedKeys.parse(keys.split()) if keys.strip() else trusted_here(node)
    except KeyMaterialError as error:
        return pages.page(request, "provenance/ask.html", 400, asked="", problem=str(error))
    verdict = verify_bundle(data, given)
    return pages.page(
        request, "provenance/verdict.html", verdict=verdict, checks=checks_of(verdict), own=not keys.strip()
    )


def _cited(node: Node, text: str, form: str) -> Response:
    with node.index() as index:
        thing = resolve(node, index, text)
        # Nothing is cited that was taken back, or that a stranger may not see.
        require(index, thing, Principal.PUBLIC)
        cited = cited_thing(node, index, thing)
        data = (FORMATS[form](cited).rstrip("\n") + "\n").encode() if form != "bundle" else b""
        if form == "bundle":
            data = bundle_of(node, index, thing, FORMATS["text"](cited), packed=False)
    media_type, ending = _MEDIA_TYPES[form]
    name = f"{cited.identifier.removeprefix('hash://sha256/')[:16]}.{ending}"
    fields = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
    return Response(data, media_type=media_type, headers=fields if form != "text" else {})
