"""Images over HTTP: `/iiif/3/<hex>/...` and `/iiif/2/<hex>/...` (spec/iiif.md)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hashstore.digest import Digest
from node.errors import MalformedImageRequest
from node.iiif.decoders import Busy
from node.iiif.facts import Facts, Fault
from node.iiif.info import info
from node.iiif.plan import canonical, plan
from node.iiif.request import read_request
from node.iiif.service import ImageService, StillMaking, rendering
from node.iiif.target import Target
from node.serve.answer import Answer, problem
from node.serve.blob import StoredBlob, known
from node.serve.image_answers import (
    fault_answer,
    image_answer,
    image_tag,
    info_answer,
    preflight,
    redirect,
    without_body,
)

_HOST: Final = re.compile(
    r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::[0-9]{1,5})?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class ImageAsked:
    """A request for an image.

    Attributes:
        method: `GET`, `HEAD`, `OPTIONS`; anything else is refused.
        target: What its path names.
        scheme: `http` or `https`, as the client sees it.
        host: The host that it asks, with its port.
        headers: The request's fields that matter: `accept`, `if-none-match`.
    """

    method: str
    target: Target
    scheme: str
    host: str
    headers: Mapping[str, str]

    @property
    def uri(self) -> str:
        """The URI of the image."""
        return f"{self.scheme}://{self.host}{self.target.path}"


class Images:
    """Answers for images that may be shown: whoever calls this has asked the policy."""

    def __init__(self, service: ImageService, rights: Callable[[Digest], str | None]) -> None:
        """Keeps both.

        Args:
            service: Makes what is asked for.
            rights: The URI of an image's licence, if it is known.
        """
        self._service = service
        self._rights = rights

    def close(self) -> None:
        """End the processes that decode."""
        self._service.decoders.close()

    async def answer(self, asked: ImageAsked, blob: StoredBlob) -> Answer:
        """Answer a request.

        Args:
            asked: The request.
            blob: The image, public and here.
        """
        if not _HOST.fullmatch(asked.host):
            return problem(400, "The request does not say under which host name it asks.")
        try:
            found = await self._answer(asked, blob)
        except MalformedImageRequest as error:
            return problem(400, str(error))
        except StillMaking:
            return problem(503, "All sizes of this image are being made; ask again.", **{"retry-after": "10"})
        except Busy:
            return problem(503, "Many images are being made; ask again.", **{"retry-after": "5"})
        return without_body(found) if asked.method == "HEAD" else found

    async def _answer(self, asked: ImageAsked, blob: StoredBlob) -> Answer:
        target = asked.target
        if target.is_base:
            return redirect(target)
        request = None if target.is_info else read_request(target.version, *target.rest)
        facts = await self._service.facts(blob.digest, blob.path)
        if isinstance(facts, Fault):
            return fault_answer(facts)
        if request is None:
            return await self._info(asked, facts)
        limits = self._service.limits
        made = plan(request, facts.width, facts.height, limits)
        name = canonical(made, target.version, facts.width, facts.height, limits)
        tag = image_tag(target, name, rendering())
        file = None
        if not known(asked.headers.get("if-none-match"), tag):
            picture = await self._service.picture(blob.digest, blob.path, facts, made)
            if isinstance(picture, Fault):
                return fault_answer(picture)
            file = str(picture.path), picture.size
        return image_answer(target, made, asked.uri, name, tag, file, blob.reserved)

    async def _info(self, asked: ImageAsked, facts: Facts) -> Answer:
        rights = await asyncio.get_running_loop().run_in_executor(None, self._rights, asked.target.digest)
        version = asked.target.version
        document = info(version, asked.uri, facts.width, facts.height, self._service.limits, rights)
        return info_answer(version, document, asked.headers)


def refused(method: str) -> Answer | None:
    """The answer to whoever does not get; None if it gets."""
    if method == "OPTIONS":
        return preflight()
    if method not in ("GET", "HEAD"):
        return problem(405, "Only GET, HEAD and OPTIONS are understood here.", allow="GET, HEAD, OPTIONS")
    return None
