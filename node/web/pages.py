"""A page out of a template: in the reader's language, with nothing in it that could run but our own files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams

from hashstore.digest import Digest
from manifests.citing.thing import one_line
from node.compose import Node
from node.web.assets import Assets
from node.web.language import LANGUAGES, Language, negotiated

LANGUAGE_COOKIE: Final = "language"
# What two libraries put into a page as style, word for word: OpenSeadragon 6.1.1, Cytoscape 3.34.4.
_KNOWN_STYLES: Final = " ".join(
    (
        "'sha256-9xTiqzfwFaL2SGb1rmr8gysEwVVjIvqWAgmZgqFqpEE='",
        "'sha256-pgvDUBa4IjFA2yuSJ2cqcyxmNYJMborsd0ORcRv9vw8='",
    )
)
# Only our own files run, style and show. Pictures of other nodes are shown beside ours where they are
# compared (`images` in `page`).
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' {styles}; img-src 'self' data: blob:{images}; "
    "font-src 'self'; connect-src 'self'{images}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    # Under `no-referrer`, browsers send `Origin: null` with the forms of our own pages (Fetch, section 3.2).
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # Whoever is signed in sees their name on every page: no cache between keeps one for others.
    "cache-control": "private, no-cache",
    "vary": "accept, accept-language, cookie",
}
_SHORT: Final = 10  # digits by which a digest is shown; it stands whole in the title and behind the link

# Embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX #9, section 2).
_TURNING: Final = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])

Visitor = Callable[[Request], Mapping[str, Any]]


class Pages:
    """Renders templates."""

    def __init__(
        self, live: Callable[[], Node], assets: Assets, visitor: Visitor = lambda request: {}
    ) -> None:
        """Reads no template yet.

        Args:
            live: The node as it is at that moment.
            assets: What pages load.
            visitor: What pages know of who asks.
        """
        self._live = live
        self._visitor = visitor
        self._assets = assets
        self._spoken: dict[str, Environment] = {}

    def page(
        self, request: Request, template: str, status: int = 200, images: tuple[str, ...] = (), **values: Any
    ) -> Response:
        """Answer with a page.

        Args:
            request: Whom to.
            template: Its file.
            status: HTTP status.
            images: Origins of other nodes whose pictures it shows.
            values: What the template asks for.
        """
        spoken = self.language(request)
        text = self.render(request, spoken, template, **values)
        policy = _POLICY.format(styles=_KNOWN_STYLES, images="".join(f" {origin}" for origin in images))
        fields = _HEADERS | {"content-security-policy": policy, "content-language": spoken.code}
        return HTMLResponse(text, status, headers=fields)

    def render(self, request: Request, spoken: Language, template: str, **values: Any) -> str:
        """The text of a template."""
        node = self._live()
        return (
            self._templates(spoken)
            .get_template(template)
            .render(
                request=request,
                here=request.url.path,
                query=request.query_params,
                spoken=spoken,
                node_name=node.config.identity.name,
                visitor=self._visitor(request),
                **values,
            )
        )

    def _templates(self, spoken: Language) -> Environment:
        """The templates of one language, which are read once."""
        if spoken.code not in self._spoken:
            self._spoken[spoken.code] = _environment(spoken, self._assets)
        return self._spoken[spoken.code]

    def language(self, request: Request) -> Language:
        """The language of a request: what was chosen before, else what the browser asks for."""
        chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
        return negotiated(request.headers.get("accept-language", ""), chosen)


def _environment(spoken: Language, assets: Assets) -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.globals.update(asset=assets.url, with_query=with_query, languages=LANGUAGES)
    made.filters.update(short=short, line=_line)
    words = spoken.words
    made.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext
    )
    return made


def with_query(query: QueryParams, **changes: str | None) -> str:
    """The query of an address with some parameters set anew, or left out where they are None."""
    kept = [(name, value) for name, value in query.multi_items() if name not in changes]
    return "?" + urlencode(kept + [(name, value) for name, value in changes.items() if value is not None])


def short(digest: Digest | str) -> str:
    """The first digits of a digest, for the eye."""
    text = digest.hex if isinstance(digest, Digest) else digest.removeprefix("hash://sha256/")
    return f"{text[:_SHORT]}…"


def _line(words: object) -> str:
    """A stranger's text on one line, without what turns the direction of the text around it."""
    return one_line(str(words).translate(_TURNING))
