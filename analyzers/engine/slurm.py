"""Workers as jobs of SLURM, as many as there is work for (dask-jobqueue, extra `cluster`).

Partition, memory, walltime and the like are those of dask-jobqueue's own configuration
(`~/.config/dask/jobqueue.yaml`, or `DASK_JOBQUEUE__SLURM__…`), which clusters' own pages explain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Final

from analyzers.engine.cluster import NoCluster, cluster_executor

_ADDRESS: Final = re.compile(r"slurm:([1-9][0-9]{0,3})-([1-9][0-9]{0,3})", re.ASCII)


@contextmanager
def executor_at(address: str, **options: Any) -> Iterator[Executor]:
    """The executor that an address names, for as long as the block runs.

    Args:
        address: `slurm:MIN-MAX` for so many jobs of SLURM, or the address of a Dask scheduler.
        options: For `SLURMCluster`, beside its configuration.

    Raises:
        NoCluster: It cannot be had.
    """
    if not address.startswith("slurm:"):
        with cluster_executor(address) as executor:
            yield executor
        return
    found = _ADDRESS.fullmatch(address)
    if not found or int(found[1]) > int(found[2]):
        raise NoCluster(f"{address!r}: write slurm:1-8 for one to eight jobs at a time.")
    try:
        from dask_jobqueue.slurm import SLURMCluster
    except ImportError:
        raise NoCluster("SLURM needs dask-jobqueue: pip install 'vasculum[cluster]'.") from None
    try:
        cluster = SLURMCluster(**{"cores": 1, "processes": 1, "memory": "4GiB", **options})
    except (OSError, RuntimeError, ValueError) as error:
        raise NoCluster(f"SLURM cannot be used from here: {error}") from error
    try:
        cluster.adapt(minimum_jobs=int(found[1]), maximum_jobs=int(found[2]))
        with cluster_executor(cluster.scheduler_address) as executor:
            yield executor
    finally:
        cluster.close()
