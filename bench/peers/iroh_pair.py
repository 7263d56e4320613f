"""Two iroh nodes by its library: `iroh_pair.py serve STORE FOLDER`, `iroh_pair.py get STORE PEER HASH OUT`.

PEER is a node's id and its address, with `@` between. Runs in the tools' own environment, both in one network
namespace that has nothing but loopback.
"""

from __future__ import annotations

import asyncio
import json
import sys

from iroh import (  # type: ignore[import-not-found]
    AddCallback,
    AddProgress,
    AddProgressType,
    BlobDownloadOptions,
    BlobExportFormat,
    BlobExportMode,
    BlobFormat,
    DownloadCallback,
    DownloadProgress,
    DownloadProgressType,
    Hash,
    Iroh,
    NodeAddr,
    NodeDiscoveryConfig,
    NodeOptions,
    PublicKey,
    SetTagOption,
    WrapOption,
    iroh_ffi,
)

_PORT = 14011  # in a namespace of our own, so that it is free


class _Added(AddCallback):  # type: ignore[misc]
    """Remembers the hash of what was added."""

    def __init__(self) -> None:
        self.hash: Hash | None = None

    async def progress(self, progress: AddProgress) -> None:
        if progress.type() == AddProgressType.ABORT:
            sys.exit(f"iroh could not add: {progress.as_abort().error}")
        if progress.type() == AddProgressType.ALL_DONE:
            self.hash = progress.as_all_done().hash


class _Got(DownloadCallback):  # type: ignore[misc]
    """Fails loudly where a download does."""

    async def progress(self, progress: DownloadProgress) -> None:
        if progress.type() == DownloadProgressType.ABORT:
            sys.exit(f"iroh brought nothing: {progress.as_abort().error}")


async def _node(store: str, port: int) -> Iroh:
    iroh_ffi.uniffi_set_event_loop(asyncio.get_running_loop())
    options = NodeOptions(ipv4_addr=f"127.0.0.1:{port}", node_discovery=NodeDiscoveryConfig.NONE)
    return await Iroh.persistent_with_options(store, options)


async def serve(store: str, folder: str) -> None:
    node = await _node(store, _PORT)
    added = _Added()
    # In place: it reads the very same files as all others here.
    await node.blobs().add_from_path(folder, True, SetTagOption.auto(), WrapOption.no_wrap(), added)
    who = f"{await node.net().node_id()}@127.0.0.1:{_PORT}"
    print(json.dumps({"id": who, "cid": str(added.hash)}), flush=True)
    await asyncio.Event().wait()


async def get(store: str, peer: str, name: str, output: str) -> None:
    node = await _node(store, _PORT + 1)
    identity, _, address = peer.partition("@")
    source = NodeAddr(PublicKey.from_string(identity), None, [address])
    wanted = Hash.from_string(name)
    options = BlobDownloadOptions(BlobFormat.HASH_SEQ, [source], SetTagOption.auto())
    await node.blobs().download(wanted, options, _Got())
    mode = BlobExportMode.TRY_REFERENCE  # no second copy, where it can
    await node.blobs().export(wanted, output, BlobExportFormat.COLLECTION, mode)
    await node.node().shutdown()


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    asyncio.run(serve(*arguments) if action == "serve" else get(*arguments))
