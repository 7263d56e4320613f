"""Two libtorrent sessions: `torrent_pair.py serve TORRENT FOLDER`, `torrent_pair.py get - PEER TORRENT OUT`.

Runs in the tools' own environment, both in one network namespace that has nothing but loopback.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import libtorrent  # type: ignore[import-not-found]

_PORT = 14021  # in a namespace of our own, so that it is free
_ALONE = {"enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False}


def _session(port: int) -> libtorrent.session:
    return libtorrent.session(
        {
            **_ALONE,
            "listen_interfaces": f"127.0.0.1:{port}",
            "allow_multiple_connections_per_ip": True,
            # Both ends are one machine: no limit but its own.
            "out_enc_policy": libtorrent.enc_policy.disabled,
            "in_enc_policy": libtorrent.enc_policy.disabled,
            # Over loopback its own protocol on UDP is many times slower than TCP.
            "enable_outgoing_utp": False,
            "enable_incoming_utp": False,
            "max_out_request_queue": 2000,
            "send_buffer_watermark": 4 << 20,
        }
    )


def serve(torrent: str, folder: str) -> None:
    files = libtorrent.list_files(folder)
    made = libtorrent.create_torrent(files, 1 << 20, libtorrent.create_torrent.v2_only)
    libtorrent.set_piece_hashes(made, str(Path(folder).parent))
    Path(torrent).parent.mkdir(parents=True, exist_ok=True)
    Path(torrent).write_bytes(libtorrent.bencode(made.generate()))
    session = _session(_PORT)
    parameters = libtorrent.add_torrent_params()
    parameters.ti = libtorrent.torrent_info(torrent)
    parameters.save_path = str(Path(folder).parent)
    parameters.flags |= libtorrent.torrent_flags.seed_mode
    session.add_torrent(parameters)
    print(json.dumps({"cid": torrent, "id": f"127.0.0.1:{_PORT}"}), flush=True)
    signal.pause()


def get(state: str, peer: str, torrent: str, output: str) -> None:
    session = _session(_PORT + 1)
    parameters = libtorrent.add_torrent_params()
    parameters.ti = libtorrent.torrent_info(torrent)
    Path(output).mkdir()
    parameters.save_path = output
    handle = session.add_torrent(parameters)
    host, _, port = peer.partition(":")
    handle.connect_peer((host, int(port)))
    while not handle.status().is_seeding:
        if handle.status().errc.value():
            sys.exit(f"libtorrent brought nothing: {handle.status().errc.message()}")
        time.sleep(0.02)
    session.pause()


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    (serve if action == "serve" else get)(*arguments)
