"""Members that vanish or are withdrawn during an export: named, nothing half seen, and gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manifests.export.errors import MembersLost
from manifests.export.manifest import MANIFEST_NAME
from manifests.export.model import Entry
from manifests.export.registry import exporter
from node.datasets.known import KnownDataset, find_dataset
from node.export.run import export_dataset, look_through

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum
    from tests.node.export.conftest import House


def _known(house: House) -> KnownDataset:
    with house.node.index() as index:
        return find_dataset(house.node, index, house.dataset.hex)


@pytest.mark.parametrize("name", ["out", "out.tar"])
@pytest.mark.parametrize(("how", "reason"), [("withdrawn", "hidden"), ("removed", "absent")])
def test_what_is_lost_midway_is_named_and_a_second_run_goes_on_without_it(
    house_copy: House, vasculum: Vasculum, tmp_path: Path, name: str, how: str, reason: str
) -> None:
    node, known, gone = house_copy.node, _known(house_copy), house_copy.members[-1]
    place, form = tmp_path / name, exporter("webdataset")
    ready, withdrawn = look_through(node, known, form), list[Entry]()
    if how == "removed":
        node.store.remove(gone)

    def withdraw(entry: Entry) -> None:
        if how == "withdrawn" and not withdrawn:
            withdrawn.append(entry)
            said = vasculum("--node", house_copy.root, "withdraw", gone, "--reason", "rights")
            assert said.code == 0, said.err

    with pytest.raises(MembersLost) as caught:
        export_dataset(ready, str(place), on_file=withdraw)
    assert [(one.digest, one.reason) for one in caught.value.failures] == [(gone, reason)]
    assert not place.exists()
    with pytest.raises(MembersLost):
        look_through(node, known, form)
    rest = export_dataset(look_through(node, known, form, leave_out=True), str(place), resume=True)
    assert [one.digest for one in rest.left_out] == [gone]
    assert sorted(one.name for one in tmp_path.glob(f".{name}*")) == []
    if name == "out":
        manifest = (place / MANIFEST_NAME).read_text()
        assert (gone.hex in manifest) == (how == "removed"), "what was withdrawn is told by its leaf alone"
        assert not any(gone.hex in path.name for path in place.rglob("*"))
