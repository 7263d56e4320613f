"""No path leads out of a log's folder, and every path of tlog-tiles leads to its file."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from node.layout import Layout, mirror_name
from node.serve.logfiles import log_file
from provenance.log.tiles import tiles_of

LAYOUT = Layout(Path("/srv/node"))
_PARTS = st.sampled_from(
    [
        "..",
        ".",
        "",
        "log",
        "mirror",
        "tile",
        "entries",
        "0",
        "000",
        "x000",
        "001.p",
        "1",
        "checkpoint",
        "keys",
        "identity.pem",
        "%2e%2e",
        "\x00",
        "~",
        "a" * 64,
        "000.p/1",
        "log.lock",
        "²",
        "1" * 5000,
    ]
)


@given(st.lists(_PARTS, max_size=8).map("/".join) | st.text(max_size=60))
@example("/log/../keys/log.pem")
@example("/mirror/" + "a" * 64 + "/../../keys/log.pem")
@example("/log/tile/0/" + "x000/" * 2000 + "000")
@example("/log//etc/passwd")
@example("/log/checkpoint\n")
def test_no_path_leads_out_of_the_folders_of_logs(path: str) -> None:
    for tried in (path, f"/log/{path}", f"/mirror/{'a' * 64}/{path}"):
        named = log_file(LAYOUT, tried)
        if named is None:
            continue
        parts = named[0].relative_to(LAYOUT.root).parts
        assert parts[0] == "log" or (parts[0] == "mirror" and len(parts[1]) == 64)
        assert parts[-1] == "checkpoint" or "tile" in parts
        assert ".." not in parts
        assert "\x00" not in str(named[0])


@given(st.integers(0, 70_000))
def test_every_tile_of_a_log_is_named(size: int) -> None:
    name = mirror_name("other.test/log")
    tiles = list(tiles_of(size))
    for tile in [*tiles[:3], *tiles[-3:]]:
        own, followed = log_file(LAYOUT, f"/log/{tile.path}"), log_file(LAYOUT, f"/mirror/{name}/{tile.path}")
        assert own is not None
        assert followed is not None
        assert own[0] == LAYOUT.log / tile.path
        assert followed[0] == LAYOUT.mirror("other.test/log") / tile.path
        assert ("immutable" in own[1]["cache-control"]) is (tile.width == 256)


def test_a_checkpoint_is_never_kept() -> None:
    named = log_file(LAYOUT, "/log/checkpoint")
    assert named is not None
    assert named[1]["cache-control"] == "no-cache"
