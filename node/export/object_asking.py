"""Asking an object store about an export: its errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from manifests.errors import ManifestError
from manifests.export.errors import PlaceUnusable
from node.storage.object_errors import translated


class ObjectMissing(PlaceUnusable):
    """There is no such object, or no such bucket."""


@contextmanager
def asking(doing: str) -> Iterator[None]:
    """Translate what an object store says.

    Args:
        doing: What is being done and where, as in "listing s3://bucket".

    Raises:
        ObjectMissing: what is asked for is not there.
        PlaceUnusable: anything else.
    """
    try:
        yield
    except ManifestError:
        raise
    except FileNotFoundError as error:
        raise ObjectMissing(str(translated(error, doing))) from error
    except Exception as error:
        from obstore.exceptions import BaseError, NotFoundError

        if isinstance(error, NotFoundError):
            raise ObjectMissing(str(translated(error, doing))) from error
        if not isinstance(error, (BaseError, OSError)):
            raise
        raise PlaceUnusable(str(translated(error, doing))) from error
