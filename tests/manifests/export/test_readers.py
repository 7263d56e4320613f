"""Exports as readers and validators that nobody here wrote see them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pybtex.database
import pytest
import rispy
from lxml import etree

if TYPE_CHECKING:
    from tests.manifests.export.conftest import Export, Given

Run = Callable[..., subprocess.CompletedProcess[str]]
Read = Callable[[str, Path], Any]
# Nothing is looked for on the network, and nothing is left in the user's folder.
_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


@pytest.fixture
def run(project_root: Path, tmp_path: Path, skip_or_fail: Callable[[str], None]) -> Run:
    """Run a program of the readers' environments; skips by name where they are not made."""

    def call(program: str, *arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
        environment = ".venv-cff" if program == "cffconvert" else ".venv-readers"
        path = project_root / environment / "bin" / program
        if not path.exists():
            skip_or_fail(f"{program} is not installed (see make readers)")
        command = [str(path), *map(str, arguments)]
        home = {"HOME": str(tmp_path), "HF_HOME": str(tmp_path)}
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **_OFFLINE, **home},
            **more,
        )

    return call


@pytest.fixture
def read(run: Run, project_root: Path) -> Read:
    """What a reader found, by the script that runs in its environment."""

    def call(reader: str, path: Path) -> Any:
        done = run("python", project_root / "tests" / "readers" / "read.py", reader, path)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return call


def test_pycocotools_finds_images_boxes_and_masks(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path
) -> None:
    export(given_dataset, "coco", tmp_path / "coco")
    found = read("coco", tmp_path / "coco" / "annotations" / "instances_train.json")
    of_train = [member for member in given_dataset.listed if member.split == "train"]
    assert found["images"] == [f"{member.digest.hex}.jpg" for member in of_train]
    assert "../../etc/passwd" in found["categories"]
    assert [2, 3, 10, 12] in found["boxes"]
    assert [1, 1, 20, 15] in found["boxes"]
    assert len(found["masks"]) == sum(bool(member.regions) for member in of_train)


def test_webdataset_reads_samples_in_the_order_of_digests(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path
) -> None:
    export(given_dataset, "webdataset", tmp_path / "wds")
    found = read("webdataset", tmp_path / "wds" / "train-000000.tar")
    of_train = [member for member in given_dataset.listed if member.split == "train"]
    assert [one["key"] for one in found] == [member.digest.hex for member in of_train]
    assert [one["label"] for one in found] == [member.label for member in of_train]
    assert [tuple(one["size"]) for one in found] == [given_dataset.sizes[m.digest] for m in of_train]


@pytest.mark.parametrize(
    ("form", "file"),
    [("parquet", "train-00000"), pytest.param("parquet-digests", "train", marks=pytest.mark.slow)],
)
def test_hugging_face_reads_parquet(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path, form: str, file: str
) -> None:
    export(given_dataset, form, tmp_path / "out")
    found = read("parquet", tmp_path / "out" / "data" / f"{file}.parquet")
    of_train = [member for member in given_dataset.listed if member.split == "train"]
    assert [row["digest"] for row in found] == [member.digest.uri for member in of_train]
    assert [row["label"] for row in found] == [member.label for member in of_train]
    assert [len(row["regions"]) for row in found] == [len(member.regions) for member in of_train]
    if form == "parquet":
        assert [tuple(row["image"]) for row in found] == [given_dataset.sizes[m.digest] for m in of_train]


@pytest.mark.slow
def test_hugging_face_reads_an_image_folder(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path
) -> None:
    export(given_dataset, "imagefolder", tmp_path / "folder")
    found = read("imagefolder", tmp_path / "folder")
    lines = (tmp_path / "folder" / "classes.tsv").read_text().splitlines()[1:]
    labels = {folder: label or None for _, folder, label in (line.split("\t") for line in lines)}
    assert list(labels) == found["train"]["names"]
    for split, rows in found.items():
        of_split = [member.label for member in given_dataset.listed if member.split == split]
        assert sorted(map(str, (labels[name] for name in rows["labels"]))) == sorted(map(str, of_split))


@pytest.mark.slow
def test_mlcroissant_validates_and_loads(
    given_dataset: Given, export: Export, read: Read, run: Run, tmp_path: Path
) -> None:
    export(given_dataset, "croissant", tmp_path / "croissant")
    done = run("mlcroissant", "validate", "--jsonld", tmp_path / "croissant" / "metadata.json")
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    found = read("croissant", tmp_path / "croissant")
    assert [one["members/digest"] for one in found["members"]] == [m.digest.uri for m in given_dataset.listed]
    assert [one["members/label"] for one in found["members"]] == [m.label for m in given_dataset.listed]
    assert [size for _, size in found["images"]] == [
        list(given_dataset.sizes[member.digest]) for member in given_dataset.listed
    ]


@pytest.mark.slow
def test_roc_validator_finds_a_valid_crate(
    given_dataset: Given, export: Export, run: Run, project_root: Path, shared_data: Path, tmp_path: Path
) -> None:
    export(given_dataset, "ro-crate", tmp_path / "crate")
    context = shared_data / "vectors/ro-crate/docs/_specification/1.1/context.jsonld"
    script = project_root / "tests" / "readers" / "read.py"
    seeded = run("python", script, "seed", tmp_path / "cache", input=context.read_text())
    assert seeded.returncode == 0, seeded.stderr
    done = run(
        "rocrate-validator", "--no-interactive", "validate", "--offline", "--cache-path", tmp_path / "cache",
        "--profile-identifier", "ro-crate-1.1", "--no-paging", "--verbose", tmp_path / "crate",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_bagit_validates(given_dataset: Given, export: Export, run: Run, tmp_path: Path) -> None:
    export(given_dataset, "bagit", tmp_path / "bag")
    assert run("bagit.py", "--validate", tmp_path / "bag").returncode == 0
    (tmp_path / "bag" / "data" / "members.csv").write_text("other")
    assert run("bagit.py", "--validate", tmp_path / "bag").returncode == 1


def test_frictionless_validates(given_dataset: Given, export: Export, run: Run, tmp_path: Path) -> None:
    export(given_dataset, "frictionless", tmp_path / "package")
    done = run("frictionless", "validate", "--json", tmp_path / "package" / "datapackage.json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["valid"]) == (0, True), done.stdout
    assert len(report["tasks"]) == 1 + len(given_dataset.listed)


def test_cffconvert_validates(given_dataset: Given, export: Export, run: Run, tmp_path: Path) -> None:
    export(given_dataset, "cff", tmp_path / "cff")
    done = run("cffconvert", "--validate", "-i", tmp_path / "cff" / "CITATION.cff")
    assert done.returncode == 0, done.stderr


def test_datacite_metadata_fits_datacites_schema(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path
) -> None:
    export(given_dataset, "datacite", tmp_path / "datacite")
    assert read("datacite", tmp_path / "datacite" / "datacite.json") == []


def test_reference_managers_read_the_citation(given_dataset: Given, export: Export, tmp_path: Path) -> None:
    for form in ("bibtex", "ris", "csl"):
        export(given_dataset, form, tmp_path / form)
    entries = pybtex.database.parse_file(str(tmp_path / "bibtex" / "citation.bib")).entries
    assert [len(entry.persons["author"]) for entry in entries.values()] == [2]
    (record,) = rispy.loads((tmp_path / "ris" / "citation.ris").read_text())
    assert record["accession_number"] == given_dataset.description.statement.uri
    (item,) = json.loads((tmp_path / "csl" / "citation.json").read_text())
    assert item["title"] == given_dataset.description.title


def test_a_citation_processor_reads_csl_json(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path
) -> None:
    export(given_dataset, "csl", tmp_path / "csl")
    (entry,) = read("csl", tmp_path / "csl" / "citation.json")
    described = given_dataset.description
    assert described.title in entry
    assert all(creator.name in entry for creator in described.creators)


def test_globox_reads_the_boxes_of_voc(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path
) -> None:
    export(given_dataset, "voc", tmp_path / "voc")
    found = read("voc", tmp_path / "voc" / "Annotations")
    for member in given_dataset.listed:
        size = given_dataset.sizes[member.digest]
        whole = [[member.label, 1, 1, *size]] if member.label is not None else []
        parts = [["leaf", 3, 4, 12, 15], ["wing, left", 2, 2, 21, 16]] if member.regions else []
        assert found[f"{member.digest.hex}.jpg"] == {"size": list(size), "boxes": [*whole, *parts]}
    assert len(found) == len(given_dataset.listed)


def test_pypng_reads_masks_of_classes(
    given_dataset: Given, export: Export, read: Read, tmp_path: Path
) -> None:
    export(given_dataset, "masks", tmp_path / "out")
    found = read("masks", tmp_path / "out" / "masks")
    lines = (tmp_path / "out" / "classes.tsv").read_text().splitlines()[1:]
    classes = {label: number for number, label in (line.split("\t") for line in lines)}
    for member in given_dataset.listed:
        mask = found.pop(member.digest.hex, None)
        assert (mask is not None) == bool(member.regions)
        if mask is not None:
            width, height = given_dataset.sizes[member.digest]
            assert mask["size"] == [width, height]
            assert set(mask["pixels"]) == {"0", classes["leaf"], classes["wing, left"]}
            assert sum(mask["pixels"].values()) == width * height
            assert len({tuple(colour) for colour in mask["colours"].values()}) == 3
    assert found == {}


def test_voc_annotations_follow_the_development_kit(
    given_dataset: Given, export: Export, tmp_path: Path
) -> None:
    export(given_dataset, "voc", tmp_path / "voc")
    names = (tmp_path / "voc" / "ImageSets" / "Main" / "train.txt").read_text().split()
    for name in names:
        root = etree.parse(tmp_path / "voc" / "Annotations" / f"{name}.xml").getroot()
        assert (tmp_path / "voc" / "JPEGImages" / str(root.findtext("filename"))).is_file()
        width, height = (int(str(root.findtext(f"size/{side}"))) for side in ("width", "height"))
        for box in root.iter("bndbox"):
            left, top, right, bottom = (
                int(str(box.findtext(name))) for name in ("xmin", "ymin", "xmax", "ymax")
            )
            assert 1 <= left <= right <= width
            assert 1 <= top <= bottom <= height
