"""A Dask scheduler as an executor: the same units, on other machines (extra `cluster`).

Workers there need this package and the folder of blobs under the same path, as clusters with a shared file
system have. Dask itself sends pickles: whoever may reach the scheduler may run anything on its workers, so it
belongs behind TLS (`tls://`) or on a closed network.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import cast

from analyzers.errors import AnalyzerError


class NoCluster(AnalyzerError):
    """The scheduler cannot be reached, or what speaks with it is not installed."""


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
        # Each unit is a pure function of its order, but two runs of one may be meant: `reproduce` does.
        yield cast("Executor", client.get_executor(pure=False, retries=1))
    finally:
        client.close()
