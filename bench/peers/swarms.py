"""Peer-to-peer programs that check what they bring, two instances of each on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.corpus import Corpus
from bench.harness import Command, Contender
from bench.peers.copying import needs
from bench.peers.others import alone, shell, tools
from bench.processes import answers, cpu_seconds, free_port, running

_DEVICE = '<device id="{id}" name="{name}"><address>{address}</address></device>'
_SETTINGS = """<configuration version="35">
<folder id="x" label="x" path="{folder}" type="{kind}" rescanIntervalS="3600" fsWatcherEnabled="false">
<device id="{mine}"/><device id="{other}"/></folder>
{devices}
<gui enabled="false"/>
<options><listenAddress>tcp://127.0.0.1:{port}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled>
<localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled>
<urAccepted>-1</urAccepted><crashReportingEnabled>false</crashReportingEnabled><startBrowser>false</startBrowser>
<autoUpgradeIntervalH>0</autoUpgradeIntervalH><reconnectionIntervalS>1</reconnectionIntervalS></options>
</configuration>"""
_LOOPBACK = 'ip link set lo up 2>/dev/null || true; exec "$@"'
_SERVE = ("syncthing", "serve", "--no-browser", "--no-restart", "--no-upgrade")


@contextmanager
def syncthing(work: Path, files: Corpus) -> Iterator[Contender]:
    """A second instance that receives a folder from one that has scanned it; then a sync."""
    needs("syncthing")
    homes = work / f"syncthing-of-{files.folder.name}"
    source = homes / "files"
    if not source.exists():
        source.mkdir(parents=True)
        for path in files.folder.iterdir():
            os.link(path, source / path.name)
    port = free_port()
    sender = _generated(homes / "sender")
    receiver = _generated(homes / "receiver")
    _configure(homes / "sender", source, "sendonly", sender, (receiver, "dynamic"), port)

    def command(output: Path) -> Command:
        # Made anew for each run, as its database remembers what it has received.
        home = output.with_name("home")
        shutil.copytree(homes / "receiver", home)
        output.mkdir()
        address = f"tcp://127.0.0.1:{port}"
        _configure(home, output, "receiveonly", receiver, (sender, address), free_port())
        run = " ".join([*_SERVE, f"--home={home}"])
        script = (
            f'{run} >"{home}/log" 2>&1 & other=$!; '
            f'until [ "$(ls "$1" | wc -l)" -ge {files.count} ]; do sleep 0.1; done; sync -f "$1"; '
            'kill "$other"; wait "$other" || true'
        )
        return shell(script, output)

    started = [*_SERVE, f"--home={homes / 'sender'}"]
    log = work / "syncthing.log"
    with running(started, lambda: answers(port) and "Completed initial scan" in log.read_text(), log) as pid:
        yield Contender("syncthing; sync -f", command, beside=lambda: cpu_seconds(pid))


def _generated(home: Path) -> str:
    """The device id of a home, which is made if there is none."""
    if not (home / "cert.pem").exists():
        _say("generate", "--no-default-folder", "--skip-port-probing", home=home)
    return _say("serve", "--device-id", home=home).strip()


def _say(action: str, *options: str, home: Path) -> str:
    command = ["syncthing", action, f"--home={home}", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _configure(home: Path, folder: Path, kind: str, mine: str, other: tuple[str, str], port: int) -> None:
    devices = _DEVICE.format(id=mine, name="mine", address="dynamic")
    devices += _DEVICE.format(id=other[0], name="other", address=other[1])
    settings = _SETTINGS.format(
        folder=folder, kind=kind, mine=mine, other=other[0], devices=devices, port=port
    )
    (home / "config.xml").write_text(settings)


def kubo(work: Path, files: Corpus) -> AbstractContextManager[Contender]:
    """Two Kubo nodes; the second downloads the first's folder."""
    return _pair(work, files, "kubo", "kubo_pair.py")


def iroh(work: Path, files: Corpus) -> AbstractContextManager[Contender]:
    """Two iroh nodes with stores of their own; the second downloads the first's collection."""
    return _pair(work, files, "iroh", "iroh_pair.py")


def libtorrent(work: Path, files: Corpus) -> AbstractContextManager[Contender]:
    """Two libtorrent sessions; the second leeches from the first, which seeds from the corpus itself."""
    return _pair(work, files, "libtorrent", "torrent_pair.py")


@contextmanager
def _pair(work: Path, files: Corpus, name: str, script: str) -> Iterator[Contender]:
    """Two nodes by a library, in a network namespace of their own."""
    isolated = alone()
    needs("nsenter")
    pair: list[str | Path] = [tools(work) / "bin" / "python", Path(__file__).with_name(script)]
    source = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=work)) / "repo"
    log = work / f"{name}.log"
    served: list[str | Path] = ["sh", "-c", _LOOPBACK, "sh", *pair, "serve", source, files.folder]
    with running([*isolated, *served], lambda: '"cid"' in log.read_text(), log) as pid:
        line = next(line for line in log.read_text().splitlines() if '"cid"' in line)
        found = json.loads(line)
        inside = ["nsenter", f"--target={pid}", "--net", "--user", "--preserve-credentials"]

        def command(output: Path) -> Command:
            repo = output.with_name("repo")
            got = [*inside, *pair, "get", repo, found["id"], found["cid"], output]
            return shell('out="$1"; shift; "$@"; sync -f "$out"', output, *got)

        yield Contender(f"{name} download; sync -f", command, beside=lambda: cpu_seconds(pid))
    shutil.rmtree(source.parent)
