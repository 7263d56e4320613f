"""Jobs over HTTP, for whoever has the node's token: `/api/jobs` (spec/jobs.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from hashstore.canonical import Json, parse_json
from hashstore.errors import MalformedJson
from node.compose import Node
from node.errors import JobRefused, JobStateError, NotFound, TooManyJobs
from node.jobs.document import job_document
from node.jobs.model import OPERATOR, Job, State
from node.jobs.rules import again, asked_to_stop
from node.jobs.store import JobStore
from node.jobs.submit import submit_job
from node.jobs.token import is_authorised
from node.serve.described import BY_TOKEN, gives, problems, takes

_LARGEST = 64 * 1024
_MOST_LISTED = 1_000
_FIELDS = frozenset({"kind", "parameters", "user", "attempts", "delay", "expires"})
_PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

_JOB: Final = {"id": "string", "number": "integer", "kind": "string", "state": "string"}
_ONE: Final = gives("The job.", **_JOB) | problems(401, 404)
_CHANGED: Final = _ONE | problems(403, 409)
_SUBMITTED: Final = (
    gives("It was submitted before, with the same key.", **_JOB)
    | gives("It is submitted.", 201, **_JOB)
    | problems(400, 401, 403, 429)
)
_WISH: Final = {
    "type": "object",
    "required": ["kind"],
    "additionalProperties": False,
    "properties": {
        "kind": {"type": "string"},
        "parameters": {"type": "object"},
        "user": {"type": "string"},
        "attempts": {"type": "integer", "minimum": 0},
        "delay": {"type": "integer", "minimum": 0},
        "expires": {"type": "integer", "minimum": 0},
    },
}

Deed = Callable[[JobStore], Response]


def add_jobs(api: FastAPI, live: Callable[[], Node], *, read_only: bool) -> None:
    """Answer for jobs on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        read_only: Refuse whatever would change something.
    """
    desk = _Desk(live, read_only=read_only)

    @api.get(
        "/api/jobs",
        responses=gives("The newest jobs.", jobs="array") | problems(400, 401),
        openapi_extra=BY_TOKEN,
    )
    def listed(request: Request) -> Response:
        """The newest jobs: `?state=` only those in one state, `?limit=` so many."""
        asked = request.query_params
        return desk.read(request, lambda store: _listed(store, asked.get("state"), asked.get("limit", "100")))

    @api.get("/api/jobs/{job}", responses=_ONE, openapi_extra=BY_TOKEN)
    def shown(request: Request, job: str) -> Response:
        """One job, by its id or number."""
        return desk.read(request, lambda store: _told(store.find(job)))

    @api.post(
        "/api/jobs",
        responses=_SUBMITTED,
        openapi_extra=BY_TOKEN | takes("application/json", _WISH),
    )
    async def submitted(request: Request) -> Response:
        """Submit a job; with an `Idempotency-Key`, the same one twice is one job."""
        keys = request.headers.getlist("idempotency-key")
        # Two keys are none: a blank is in no key, so that they are refused.
        body, key = await request.body(), ", ".join(keys) if keys else None
        return await run_in_threadpool(desk.change, request, lambda store: desk.submit(store, body, key))

    @api.post("/api/jobs/{job}/cancel", responses=_CHANGED, openapi_extra=BY_TOKEN)
    def cancelled(request: Request, job: str) -> Response:
        """End a job."""
        return desk.change(
            request, lambda store: _changed(store, job, lambda one: asked_to_stop(one, time.time()))
        )

    @api.post("/api/jobs/{job}/retry", responses=_CHANGED, openapi_extra=BY_TOKEN)
    def retried(request: Request, job: str) -> Response:
        """Try a job again that failed or was cancelled."""
        attempts = live().config.jobs.attempts
        return desk.change(
            request, lambda store: _changed(store, job, lambda one: again(one, time.time(), attempts))
        )


class _Desk:
    """Lets in who has the token."""

    def __init__(self, live: Callable[[], Node], *, read_only: bool) -> None:
        self._live = live
        self._read_only = read_only

    def read(self, request: Request, deed: Deed) -> Response:
        """Answer a question."""
        layout = self._live().layout
        if not is_authorised(layout.jobs_token, request.headers.get("authorization")):
            return _problem(
                401, "Jobs are for whoever has this node's token.", {"www-authenticate": "Bearer"}
            )
        try:
            return deed(JobStore(layout.jobs))
        except NotFound:
            return _problem(404, "There is no such job.")
        except TooManyJobs as error:
            return _problem(429, str(error), {"retry-after": "60"})
        except (JobRefused, MalformedJson) as error:
            return _problem(400, str(error))
        except JobStateError as error:
            return _problem(409, str(error))

    def change(self, request: Request, deed: Deed) -> Response:
        """Do what changes something."""
        if not self._read_only:
            return self.read(request, deed)
        refused = _problem(403, "This server only reads; it takes no jobs.")
        return self.read(request, lambda store: refused)

    def submit(self, store: JobStore, body: bytes, key: str | None) -> Response:
        """Submit what a body asks for."""
        wish = _wish(body)
        before = time.time()
        job = submit_job(store, self._live().config.jobs, **wish, key=key, remote=True)
        status = 201 if job.submitted >= before else 200
        return _told(job, status, {"location": f"/api/jobs/{job.id}"})


def _wish(body: bytes) -> dict[str, Any]:
    """The arguments for `submit_job` out of a request's body.

    Raises:
        JobRefused: it is no such request.
        MalformedJson: it is no JSON.
    """
    if len(body) > _LARGEST:
        raise JobRefused(f"A job is at most {_LARGEST:,} bytes.")
    document = parse_json(body)
    if not isinstance(document, Mapping) or not isinstance(document.get("kind"), str):
        raise JobRefused("A job is an object with a kind.")
    if strange := sorted(set(document) - _FIELDS):
        raise JobRefused(f"A job has no {strange[0]!r}; it has {', '.join(sorted(_FIELDS))}.")
    parameters = document.get("parameters", {})
    if not isinstance(parameters, Mapping):
        raise JobRefused("'parameters' must be an object.")
    return {
        "kind": document["kind"],
        "parameters": parameters,
        "user": _text(document, "user", OPERATOR),
        "attempts": _number(document, "attempts"),
        "delay": float(_number(document, "delay") or 0),
        "expires": _number(document, "expires"),
    }


def _text(document: Mapping[str, Json], name: str, default: str) -> str:
    value = document.get(name, default)
    if not isinstance(value, str):
        raise JobRefused(f"{name!r} must be a text.")
    return value


def _number(document: Mapping[str, Json], name: str) -> int | None:
    value = document.get(name)
    if value is not None and (type(value) is not int or not 0 <= value <= 10**9):
        raise JobRefused(f"{name!r} must be a whole number that is not negative.")
    return value


def _listed(store: JobStore, state: str | None, limit: str) -> Response:
    try:
        states = frozenset({State(state)}) if state else frozenset(State)
    except ValueError as error:
        raise JobRefused(f"There is no state {state!r}; there are {', '.join(State)}.") from error
    if not (limit.isascii() and limit.isdecimal() and 1 <= len(limit) <= 9):
        raise JobRefused("'limit' must be a number.")
    jobs = store.listed(states, max(1, min(int(limit), _MOST_LISTED)))
    return JSONResponse({"jobs": [job_document(job) for job in jobs]}, headers=_PRIVATE)


def _changed(store: JobStore, job: str, rule: Callable[[Job], Job]) -> Response:
    return _told(store.change(store.find(job).id, rule))


def _told(job: Job, status: int = 200, fields: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(job_document(job), status_code=status, headers={**_PRIVATE, **(fields or {})})


def _problem(status: int, title: str, fields: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(
        {"status": status, "title": title},
        status_code=status,
        headers={**_PRIVATE, **(fields or {})},
        media_type="application/problem+json",
    )
