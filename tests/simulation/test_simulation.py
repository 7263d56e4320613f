"""Five nodes, up to two of them hostile, on a bad network: whatever a seed decides, the laws hold.

See README.md beside this file. `SIMULATION_SEED=71 pytest tests/simulation/test_simulation.py` runs one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hashstore.digest import Digest
from node.index.apply import apply_log
from node.index.database import Index
from node.index.digest import log_digest
from simulated.material import institution
from simulated.memo import everything_once
from simulated.peer import SimulatedPeer
from simulated.world import live_through

_ASKED = os.environ.get("SIMULATION_SEED")
_FEW = range(int(_ASKED), int(_ASKED) + 1) if _ASKED else range(8)
_BLOCKS = [_FEW] if _ASKED else [range(first, first + 50) for first in range(0, 1_000, 50)]


@pytest.fixture(autouse=True)
def _quickly() -> Iterator[None]:
    with everything_once():
        yield


def test_some_worlds_keep_the_laws() -> None:
    for seed in _FEW:
        live_through(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", _BLOCKS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_a_thousand_worlds_keep_the_laws(seeds: range) -> None:
    for seed in seeds:
        live_through(seed)


def test_a_seed_makes_the_same_world_again_in_a_process_that_hashes_otherwise() -> None:
    here = live_through(6).trace
    program = (
        "from simulated.world import live_through; from simulated.memo import everything_once\n"
        "with everything_once(): print('\\n'.join(live_through(6).trace))"
    )
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(root), str(Path(__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "7"}
    again = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert again.stdout.splitlines() == "\n".join(here).splitlines(), again.stderr


# In the second one a key is revoked back to followed rows.
@pytest.mark.parametrize("seed", [3, pytest.param(14, marks=pytest.mark.slow)])
def test_the_real_index_is_the_same_at_the_owner_and_at_all_its_followers(seed: int, tmp_path: Path) -> None:
    world = live_through(seed)
    honest = [peer for peer in world.peers if peer.is_honest]
    for owner in honest:
        expected = _indexed(tmp_path / f"{owner.number}", owner, owner.number, owner.branches[0].leaves)
        for reader in honest:
            if owner.number in reader.follows:
                leaves = list(reader.mirror(owner.number).leaves())
                where = tmp_path / f"{owner.number}-{reader.number}"
                assert _indexed(where, reader, owner.number, leaves) == expected


def _indexed(folder: Path, peer: SimulatedPeer, number: int, leaves: list[bytes]) -> Digest:
    """What DuckDB makes of a followed log; an owner is asked as if it followed itself."""
    folder.mkdir()

    def path(digest: Digest) -> Path:
        file = folder / digest.hex
        file.write_bytes(peer.store.read(digest))
        return file

    origin = institution(number).origin
    refused = peer.notes.refusals(origin)
    void = peer.branches[0].void(len(leaves)) if peer.number == number else peer.notes.void(origin)
    with Index(folder / "index.duckdb") as index:
        log = index.log_number(origin)
        # As who followed all along has met it: rows came that were taken back later.
        for known in (frozenset[int](), void):
            against = refused.keys() - (void - known)
            apply_log(
                index, lambda start, stop: leaves[start:stop], len(leaves), path, log=log, refused=against,
                void=known,
            )  # fmt: skip
        return log_digest(index, log, public=True)
