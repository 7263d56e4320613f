"""The same units on a cluster: Dask's own, and jobs of a real SLURM on this machine."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from analyzers.engine.batches import run_batches
from analyzers.engine.cluster import NoCluster, cluster_executor
from analyzers.engine.pool import Allowance, WorkerPool
from analyzers.engine.slurm import executor_at
from hashstore.digest import Digest

ORDER: dict[str, Any] = {"analyzer": "image-facts", "parameters": {}, "models": {}}
_SLURM = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={d}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/d.pid
SlurmctldLogFile={folder}/ctld.log
SlurmdLogFile={folder}/d.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=3000 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@pytest.fixture
def items(tmp_path: Path) -> list[dict[str, Any]]:
    found = []
    for number in range(24):
        file = io.BytesIO()
        Image.effect_noise((80 + number, 60), 30.0).save(file, "PNG")
        path = tmp_path / f"{number}.png"
        path.write_bytes(file.getvalue())
        found.append({"digest": Digest.of(file.getvalue()).uri, "path": str(path)})
    return found


def embedded(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    with WorkerPool(2, Allowance(12 << 30, 10.0)) as pool:
        return [one for batch in run_batches(pool, ORDER, items, 4, 6) for one in batch]


def test_a_scheduler_that_is_not_there_and_a_wrong_address_are_told() -> None:
    with pytest.raises(NoCluster, match="does not answer"), cluster_executor("tcp://127.0.0.1:9", 0.5):
        pass
    for wrong in ("slurm:", "slurm:0-3", "slurm:4-2", "slurm:two"):
        with pytest.raises(NoCluster, match="slurm:1-8"), executor_at(wrong):
            pass


@contextmanager
def dask(workers: int) -> Iterator[Any]:
    from distributed import LocalCluster

    options: dict[str, Any] = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with LocalCluster(n_workers=workers, **options) as cluster:  # type: ignore[no-untyped-call]
        yield cluster


@pytest.mark.slow
def test_dask_comes_to_what_the_embedded_pool_comes_to(items: list[dict[str, Any]]) -> None:
    with dask(2) as cluster, cluster_executor(cluster.scheduler_address) as executor:
        found = [one for batch in run_batches(executor, ORDER, items, 4, 6) for one in batch]
    assert found == embedded(items)


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_run_clearly(items: list[dict[str, Any]]) -> None:
    with dask(1) as cluster, cluster_executor(cluster.scheduler_address) as executor:
        results = run_batches(executor, ORDER, items, 1, 6)
        assert all("findings" in one for one in next(results))
        cluster.close()
        with pytest.raises(NoCluster, match="What was read is kept"):
            list(results)


@contextmanager
def slurm(folder: Path, program: Callable[[str], str]) -> Iterator[Path]:
    """SLURM with one node on this machine; gives the file of its settings."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    host, cpus = socket.gethostname().split(".")[0], os.cpu_count() or 1
    settings = folder / "slurm.conf"
    ctld, d = _free_ports(2)
    settings.write_text(_SLURM.format(host=host, cpus=cpus, folder=folder, ctld=ctld, d=d))
    (folder / "cgroup.conf").write_text("CgroupPlugin=autodetect\n")
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    files = [
        f"--{name}={folder}/munge.{name.split('-')[0]}"
        for name in ("socket", "pid-file", "log-file", "seed-file")
    ]
    environment = {**os.environ, "SLURM_CONF": str(settings)}
    started: list[subprocess.Popen[bytes]] = []
    try:
        for command in (
            [program("munged"), "--foreground", "--force", f"--key-file={key}", *files],
            [program("slurmctld"), "-D", "-i"],
            [program("slurmd"), "-D"],
        ):
            log = (folder / f"{Path(command[0]).name}.out").open("wb")
            started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
            time.sleep(1.0)
        _wait_until_idle(program("sinfo"), environment)
        yield settings
    finally:
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait_until_idle(sinfo: str, environment: dict[str, str]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        said = subprocess.run(
            [sinfo, "-h", "-o", "%T"], env=environment, capture_output=True, timeout=20, check=False
        )
        if said.stdout.strip() == b"idle":
            return
        time.sleep(0.5)
    pytest.fail(f"SLURM did not come up: {said.stdout!r} {said.stderr!r}")


@pytest.mark.slow
def test_slurm_comes_to_what_the_embedded_pool_comes_to(
    items: list[dict[str, Any]], needs_program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("munged", "slurmctld", "slurmd", "sbatch", "sinfo"):
        needs_program(name)
    if os.geteuid() != 0:
        pytest.skip("SLURM's daemons are run as root here")
    # SLURM's sockets have short names.
    folder = Path(f"/tmp/slurm-{os.getpid()}")
    try:
        with slurm(folder, needs_program) as settings:
            monkeypatch.setenv("SLURM_CONF", str(settings))
            options = {
                "memory": "1GiB",
                "job_cpu": 1,
                "walltime": "00:10:00",
                "interface": "lo",
                "log_directory": str(folder),
                "job_script_prologue": [f"export SLURM_CONF={settings}"],
            }
            with executor_at("slurm:1-2", **options) as executor:
                found = [one for batch in run_batches(executor, ORDER, items, 4, 6) for one in batch]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert found == embedded(items)
