"""Submitting jobs: checked by their kind, and bounded for each user."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from hashstore.canonical import Json
from node.config import JobsConfig
from node.errors import JobRefused
from node.jobs.kinds import checked_parameters, kind_of
from node.jobs.model import NODE_USER, OPERATOR, Job
from node.jobs.store import JobStore

_USER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_MOST_ATTEMPTS = 64


def submit_job(
    store: JobStore, limits: JobsConfig, kind: str, parameters: Mapping[str, Json], *, user: str = OPERATOR,
    key: str | None = None, attempts: int | None = None, delay: float = 0.0, expires: float | None = None,
    remote: bool = False,
) -> Job:  # fmt: skip
    """Submit a job for a user.

    Args:
        store: The jobs of the node.
        limits: What its operator allows.
        kind: The name of its kind.
        parameters: With what.
        user: For whom.
        key: Two submissions with the same key are one job, until it is forgotten.
        attempts: How often it is tried; None for what node.toml says.
        delay: Seconds before it may begin.
        expires: Seconds after which it is no longer begun; None for no end.
        remote: Whether it comes over HTTP, where fewer kinds can be submitted.

    Raises:
        JobRefused: kind, parameters or user are not right; the text says what is.
        TooManyJobs: the user has as many as one user may have.
    """
    found = kind_of(kind)
    if found.internal or (remote and not found.remote):
        raise JobRefused(
            f"Jobs of the kind {kind!r} cannot be submitted{'' if found.internal else ' over HTTP'}."
        )
    if not _USER.fullmatch(user) or user == NODE_USER:
        raise JobRefused(f"{user!r} is no name of a user: small letters, digits, '.', '_' and '-'.")
    if key is not None and not _KEY.fullmatch(key):
        raise JobRefused("A key is 1 to 255 characters of ASCII without blanks.")
    if attempts is not None and not 1 <= attempts <= _MOST_ATTEMPTS:
        raise JobRefused(f"A job is tried from 1 to {_MOST_ATTEMPTS} times.")
    checked = checked_parameters(found, parameters, remote=remote)
    now = time.time()
    return store.submit(
        kind, checked, user, now, attempts=attempts or limits.attempts, most=limits.waiting_per_user,
        key=None if key is None else f"{user}/{key}", due=now + delay,
        expires=None if expires is None else now + expires,
    )  # fmt: skip
