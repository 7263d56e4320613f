"""A Dask scheduler as an executor: the same units, on other machines (extra `cluster`).

Workers there need this package and the folder of blobs under the same path, as clusters with a shared file
system have. Dask itself sends pickles: whoever may reach the scheduler may run anything on its workers, so it
belongs behind TLS (`tls://`) or on a closed network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, TypeVar

from analyzers.errors import AnalyzerError

T = TypeVar("T")


class NoCluster(AnalyzerError):
    """The scheduler cannot be reached, or what speaks with it is not installed."""


class ClusterExecutor(Executor):
    """A scheduler's executor that knows when its scheduler is gone: Dask's own futures then wait for ever.

    Args:
        client: A connected `distributed.Client`.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        # Each unit is a pure function of its order, but two runs of one may be meant: `reproduce` does.
        self._executor: Executor = client.get_executor(pure=False, retries=1)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run `fn(*args)` on a worker."""
        return self._executor.submit(fn, *args, **kwargs)

    def check(self) -> None:
        """Whether results may still come.

        Raises:
            NoCluster: The scheduler is gone.
        """
        if self._client.status not in ("running", "connecting"):
            raise NoCluster(
                "The scheduler is gone. What was read is kept: the same command goes on when there is one."
            )


@contextmanager
def cluster_executor(address: str, patience: float = 5.0) -> Iterator[Executor]:
    """An executor of the scheduler at an address, for as long as the block runs.

    Args:
        address: `tcp://host:port` or `tls://host:port`; certificates are those of Dask's own configuration.
        patience: Seconds to wait for the scheduler.

    Raises:
        NoCluster: It does not answer, or Dask is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster("A cluster needs Dask: pip install 'vasculum[cluster]'.") from None
    try:
        client = Client(address, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise NoCluster(f"The scheduler at {address} does not answer: {error}.") from error
    try:
        yield ClusterExecutor(client)
    finally:
        client.close()
