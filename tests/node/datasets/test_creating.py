"""Versions of datasets: what is made, what is refused, what the next version has other than the last."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from hashstore.digest import Digest
from manifests.dataset.manifest import ManifestRoot
from node.compose import Node
from node.datasets.known import find_dataset, members_of_dataset
from node.slices.known import members_of, slice_at

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum
    from tests.node.datasets.conftest import Dataset


def log_size(node: Node) -> int:
    return int(node.reader.head().size)


def test_a_version_holds_what_its_statement_says(alder: Node, oaks: dict[str, Any]) -> None:
    with alder.index() as index:
        known = find_dataset(alder, index, "All of it")
        members = list(members_of_dataset(alder, known))
        chosen = slice_at(alder, index, known.version.slice)
        named = members_of(alder, index, chosen)
    assert known.digest.uri == oaks["dataset"]
    assert [one.digest for one in members] == list(named)
    assert len(members) == known.version.count == 24
    tree = ManifestRoot()
    for member in members:
        tree.add(member)
        assert member.size == alder.store.size(member.digest)
        assert member.specimen
        assert member.media
        assert member.attribution
    assert tree.root == known.version.manifest_root
    assert oaks["licences"]["members"] == {"CC-BY-4.0": 16, "CC-BY-NC-4.0": 6, "CC0-1.0": 2}
    assert oaks["splits"] == {"train": 14, "validation": 5, "test": 5}
    assert [who.inverted for who in known.version.creators] == ["Muñoz, Ana", "Alder Herbarium"]


def test_rows_that_members_name_are_theirs(alder: Node, oaks: dict[str, Any], vasculum: Vasculum) -> None:
    with alder.index() as index:
        member = next(members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"])))
    shown = vasculum("--node", alder.layout.root, "--json", "show", member.media)
    assert shown.code == 0
    assert member.creator is not None
    assert member.creator in shown.out
    specimen = vasculum("--node", alder.layout.root, "--json", "show", member.specimen)
    assert member.label is not None
    assert member.label in specimen.out


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--license", "CC-BY-4.0"), 1, "6 images are CC-BY-NC-4.0: they may not be used commercially"),
        (("--license", "all rights"), 1, "no licence that is known here"),
        (("--license", "CC-BY-NC-4.0", "--kind", "benchmark"), 2, "needs labels, a split and a metric"),
        (("--license", "CC-BY-NC-4.0", "--metric", "F1"), 2, "only a benchmark has a metric"),
        (("--license", "CC-BY-NC-4.0", "--split", "80/20"), 2, "three whole numbers"),
        (("--license", "CC-BY-NC-4.0", "--split", "1/1/1", "--stratify"), 2, "stratified by labels"),
        (("--license", "CC-BY-NC-4.0", "--label-by", 'x"; DROP TABLE media; --'), 2, "no name of a column"),
        (("--license", "CC-BY-NC-4.0", "--label-by", "salt"), 2, "there is no column"),
        (("--license", "CC-BY-NC-4.0", "--filter", "taxon:Nothing"), 1, "Nothing fits"),
        (("--license", "CC-BY-NC-4.0", "--filter", "taxon:("), 2, "filter is refused"),
        (("--license", "CC-BY-NC-4.0", "--log", "nobody.test/log"), 1, "does not follow"),
        (("--license", "CC-BY-NC-4.0", "--slice", "0123456789abcdef"), 1, "no slice"),
    ],
)
def test_what_cannot_be_made_leaves_no_trace(
    options: tuple[str, ...], code: int, message: str, alder: Node, dataset: Dataset
) -> None:
    before = log_size(alder), set(alder.layout.blobs.rglob("*"))
    said = dataset(alder, "create", "--title", "X", *options)
    assert said.code == code
    assert message in said.err
    assert (log_size(alder), set(alder.layout.blobs.rglob("*"))) == before


def test_a_draft_is_told_and_not_signed(alder: Node, dataset: Dataset) -> None:
    before = log_size(alder)
    said = dataset(alder, "create", "--title", "X", "--license", "CC-BY-4.0", "--dry-run")
    assert said.code == 0
    assert said.summary["members"] == 24
    assert "CC-BY-NC-4.0" in said.summary["refused"]
    assert log_size(alder) == before


def test_a_licence_in_the_filter_leaves_out_what_does_not_go_with_the_whole(
    alder: Node, dataset: Dataset
) -> None:
    said = dataset(
        alder, "create", "--title", "Free", "--license", "CC-BY-4.0", "--filter", "NOT license:CC-BY-NC-4.0"
    )
    assert said.code == 0, said.err
    assert said.summary["licences"]["members"] == {"CC-BY-4.0": 16, "CC0-1.0": 2}


def test_a_benchmark_takes_labels_and_regions_from_a_file(
    alder: Node, oaks: dict[str, Any], dataset: Dataset, tmp_path: Path
) -> None:
    with alder.index() as index:
        members = list(members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"])))
    lines = ["digest,label,x,y,width,height"]
    lines += [f"{one.digest.hex},{one.label},,,," for one in members[:9]]
    lines += [f"{one.digest.hex},stamp,1,2,30,40" for one in members[5:12]]
    lines += [f"{Digest.of(b'nobody').hex},stamp,1,2,30,40"]
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    made = dataset(
        alder, "create", "--title", "Marks", "--license", "CC-BY-NC-4.0", "--kind", "benchmark",
        "--metric", "mAP", "--labels", tmp_path / "labels.csv", "--split", "50/25/25",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert made.summary["members"] == 12
    assert alder.store.read(Digest.parse(made.summary["labels"])).decode().startswith("digest,label")
    parts = dataset(
        alder, "create", "--title", "Stamps", "--license", "CC-BY-NC-4.0", "--segments", "stamp",
        "--labels", tmp_path / "labels.csv",
    )  # fmt: skip
    assert parts.summary["members"] == 7
    listed = dataset(alder, "show", "Stamps", "--members").of("member")
    assert all(one["regions"] == [{"box": [1, 2, 30, 40], "label": "stamp"}] for one in listed)
    (tmp_path / "labels.csv").write_text("digest,label\nnonsense,x\n")
    bad = dataset(
        alder, "create", "--title", "X", "--license", "CC0-1.0", "--labels", tmp_path / "labels.csv"
    )
    assert (bad.code, "Line 2" in bad.err) == (1, True)


def test_a_slice_of_the_log_is_taken_as_it_is(alder: Node, dataset: Dataset, vasculum: Vasculum) -> None:
    assert vasculum("--node", alder.layout.root, "slice", "create", "insects", "--taxon", "Insecta").code == 0
    said = dataset(alder, "create", "--title", "Insects", "--license", "CC-BY-NC-4.0", "--slice", "insects")
    assert said.code == 0, said.err
    with alder.index() as index:
        known = find_dataset(alder, index, said.summary["dataset"])
        chosen = slice_at(alder, index, known.version.slice).slice
    assert (chosen.name, chosen.count) == ("insects", known.version.count)


def test_a_refresh_without_news_signs_nothing(alder: Node, oaks: dict[str, Any], dataset: Dataset) -> None:
    before = log_size(alder), set(alder.layout.blobs.rglob("*"))
    said = dataset(alder, "refresh", oaks["dataset"])
    assert (said.code, said.summary["new"]) == (0, False)
    assert (log_size(alder), set(alder.layout.blobs.rglob("*"))) == before


def test_the_next_version_says_what_is_other(
    alder: Node, oaks: dict[str, Any], dataset: Dataset, vasculum: Vasculum
) -> None:
    with alder.index() as index:
        members = list(members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"])))
    gone = members[3]
    notice = vasculum(
        "--node", alder.layout.root, "withdraw", gone.digest.hex, "--reason", "rights", "--text", "asked"
    )
    assert notice.code == 0, notice.err
    shown = dataset(alder, "show", oaks["dataset"]).summary
    assert shown["withdrawn"] == 1
    assert "24 images; 1 withdrawn" in shown["citation"]
    trial = dataset(alder, "refresh", oaks["dataset"], "--dry-run")
    assert trial.summary["changes"]["withdrawn"] == 1
    new = dataset(alder, "refresh", oaks["dataset"], "--title", "All that is left")
    assert new.code == 0, new.err
    assert (new.summary["version"], new.summary["members"]) == (2, 23)
    assert new.summary["changes"]["withdrawn"] == 1
    assert new.summary["changes"]["removed"] == new.summary["changes"]["added"] == 0
    differing = dataset(alder, "diff", oaks["dataset"], new.summary["dataset"])
    assert differing.summary["withdrawn"] == 1
    assert gone.digest.uri in {one["digest"] for one in differing.of("change") if one["change"] == "removed"}
    assert dataset(alder, "show", oaks["dataset"]).summary["newest"] == new.summary["dataset"]
    again = dataset(alder, "refresh", oaks["dataset"])
    assert (again.code, "newest version" in again.err) == (1, True)
    listed = [dataset(alder, "ls", *more).of("dataset") for more in ((), ("--all",))]
    assert [[one["version"] for one in found] for found in listed] == [[2], [2, 1]]


def test_a_withdrawn_member_is_shown_nowhere(
    alder: Node, oaks: dict[str, Any], dataset: Dataset, vasculum: Vasculum
) -> None:
    with alder.index() as index:
        members = list(members_of_dataset(alder, find_dataset(alder, index, oaks["dataset"])))
    record = members[5]
    withdrawn = vasculum(
        "--node", alder.layout.root, "withdraw", record.specimen, "--reason", "personal-data"
    )
    assert withdrawn.code == 0, withdrawn.err
    assert record.digest.uri not in dataset(alder, "show", "All of it", "--members").out
    credited = vasculum("--node", alder.layout.root, "dataset", "attribution", "All of it")
    assert record.digest.uri not in credited.out
    assert members[6].digest.uri in credited.out


def test_citing_works_in_every_format(
    alder: Node, oaks: dict[str, Any], vasculum: Vasculum, tmp_path: Path
) -> None:
    for form in ("text", "bibtex", "ris", "csl", "datacite"):
        said = vasculum("--node", alder.layout.root, "cite", oaks["dataset"], "--format", form)
        assert said.code == 0
        for part in ("All of it", "Ana", "CC-BY-NC-4.0", oaks["dataset"], "24 images"):
            assert part in said.out, (form, part)
    bundle = tmp_path / "bundle.json"
    vasculum("--node", alder.layout.root, "cite", oaks["dataset"], "--format", "bundle", "--output", bundle)
    said = vasculum("verify-citation", bundle, "--trust", str(alder.log_key))
    assert said.code == 0, said.err


def test_who_cites_and_what_was_made_from_it_is_told(
    alder: Node, oaks: dict[str, Any], dataset: Dataset, tmp_path: Path
) -> None:
    first = dataset(alder, "cited", "All of it", "--by", "10.1234/ABC", "--by", "https://example.org/p")
    assert (first.code, first.summary["new"]) == (0, 2)
    events = {"message": {"events": [
        {"subj_id": "10.1234/abc", "relation_type_id": "references", "obj_id": oaks["dataset"]},
        {"subj_id": "10.1234/new", "relation_type_id": "cites", "obj_id": "10.5555/ours"},
    ]}}  # fmt: skip
    (tmp_path / "events.json").write_text(json.dumps(events))
    more = dataset(alder, "cited", "All of it", "--events", tmp_path / "events.json", "--as", "10.5555/OURS")
    assert (more.summary["new"], more.summary["known"]) == (1, 1)
    before = log_size(alder)
    assert dataset(alder, "cited", "All of it", "--by", "doi:10.1234/New").summary["statement"] is None
    assert log_size(alder) == before
    assert dataset(alder, "cited", "All of it", "--by", "nonsense").code == 1
    shown = dataset(alder, "show", "All of it").summary
    assert [one["work"] for one in shown["citedBy"]] == [
        "https://doi.org/10.1234/abc", "https://doi.org/10.1234/new", "https://example.org/p",
    ]  # fmt: skip
    assert shown["madeFromIt"] == []


def test_a_made_manifest_is_the_same_when_made_again(
    alder: Node, oaks: dict[str, Any], dataset: Dataset
) -> None:
    said = dataset(alder, "show", oaks["dataset"], "--check")
    assert (said.code, said.summary["identical"]) == (0, True)


def test_rows_that_say_something_else_are_found_out(
    alder: Node, oaks: dict[str, Any], dataset: Dataset
) -> None:
    with alder.index() as index:
        index.connection.execute("UPDATE media SET creator = 'Somebody else' WHERE row = 3")
    said = dataset(alder, "show", oaks["dataset"], "--check")
    assert (said.code, said.summary["identical"]) == (4, False)


def test_a_title_of_hostile_text_is_only_text(alder: Node, dataset: Dataset, vasculum: Vasculum) -> None:
    title = "'; DROP TABLE statement; -- \x1b[31m../../etc\npasswd"
    said = dataset(alder, "create", "--title", title, "--license", "CC-BY-NC-4.0", "--keyword", "%s\x00")
    assert said.code == 0, said.err
    plain = vasculum("--node", alder.layout.root, "dataset", "show", said.summary["dataset"])
    assert "\x1b" not in plain.out


@pytest.mark.slow
def test_pictures_that_were_read_can_be_chosen_by_their_size(
    alder: Node, dataset: Dataset, vasculum: Vasculum
) -> None:
    wish = ("create", "--title", "Wide", "--license", "CC-BY-NC-4.0", "--shortest-side", 500)
    assert "Nothing fits" in dataset(alder, *wish).err
    assert vasculum("--node", alder.layout.root, "pictures").code == 0
    made = dataset(alder, *wish, "--split", "1/1/1")
    assert made.code == 0, made.err
    with alder.index() as index:
        known = find_dataset(alder, index, "Wide")
        members = list(members_of_dataset(alder, known))
    for member in members:
        with Image.open(BytesIO(alder.store.read(member.digest))) as image:
            assert min(image.size) >= 500
    assert dataset(alder, "show", "Wide", "--check").summary["identical"]
