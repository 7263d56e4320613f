"""Write the vectors of datasets: `python spec/vectors/generate_datasets.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.dataset.labels import read_labels
from manifests.dataset.manifest import ManifestRoot, hide
from manifests.dataset.member import Member, Region
from manifests.dataset.recipe import GroupBy, SplitRecipe
from manifests.dataset.split import Unit, assign_splits
from manifests.errors import LabelsRefused

DIGESTS = sorted(Digest.of(f"image {number}".encode()) for number in range(40))
BARE = Member(DIGESTS[0], 0, "application/octet-stream", None, None, None, None, None, "", None, None)
FULL = Member(
    digest=DIGESTS[1],
    size=325_667,
    media_type="image/jpeg",
    media=f"{Digest.of(b'media').uri}#row=10",
    specimen=f"{Digest.of(b'specimen').uri}#row=7",
    license="CC-BY-4.0",
    creator="Wilma “W.” Drew",
    rights_holder="Alder Herbarium",
    attribution="Wilma “W.” Drew / Alder Herbarium",
    label="Quercus robur L.",
    split="validation",
    regions=(
        Region("leaf", (0, 12, 340, 90)),
        Region("stamp", None, ((1, 1), (9, 1), (5, 8))),
        Region("label", (5, 5, 1, 1), ((5, 5), (6, 5), (6, 6))),
    ),
)
REFUSED_LINES = (
    "{}",
    FULL.line().decode().replace('"size":325667', '"size":-1'),
    FULL.line().decode().replace('"size":325667', '"size": 325667'),
    FULL.line().decode().replace('"validation"', '"dev"'),
    FULL.line().decode().replace('"box":[0,12,340,90]', '"box":[0,12,340]'),
    FULL.line().decode().replace('{"box":[0,12,340,90],"label":"leaf"}', '{"label":"leaf"}'),
    BARE.line().decode().replace('"attribution":"",', ""),
)
ONE, TWO = DIGESTS[0].hex, DIGESTS[1].uri
LABELS = (
    f"digest,label\r\n{ONE},oak\r\n{TWO},birch\r\n",
    f"\ufefflabel,digest\n oak ,{ONE}\n",
    f"digest,label,x,y,width,height\n{ONE},leaf,1,2,3,4\n{ONE},oak,,,,\n{ONE},leaf,5,6,7,8\n",
    f'digest,label,x,y,width,height,polygon\n{ONE},"a, ""b""",,,,,1 2 3 4 5 6\n',
    f"digest,label\n{ONE},oak\n{ONE},oak\n",
    "digest,label\n",
)
REFUSED_LABELS = (
    "",
    "digest\n",
    "digest,label,x\n",
    "digest,label,digest\n",
    "digest,label,colour\n",
    f"digest,label\n{ONE}\n",
    f"digest,label\n{ONE},\n",
    "digest,label\n1234,oak\n",
    f"digest,label\n{ONE},oak\n{ONE},birch\n",
    f"digest,label,x,y,width,height\n{ONE},leaf,1,2,3,\n",
    f"digest,label,x,y,width,height\n{ONE},leaf,1,2,0,4\n",
    f"digest,label,x,y,width,height\n{ONE},leaf,-1,2,3,4\n",
    f"digest,label,polygon\n{ONE},leaf,1 2 3 4\n",
    f"digest,label,polygon\n{ONE},leaf,1 2 3 4 5\n",
    f'digest,label\n{ONE},"oak\n',
)
UNITS = tuple(
    Unit(digest, ("oak", "birch", None)[number % 3], keys)
    for number, (digest, keys) in enumerate(
        zip(
            DIGESTS,
            [(f"s{number // 2}", f"g{number // 9}")[: 1 + number % 2] for number in range(40)],
            strict=True,
        )
    )
)
RECIPES = (
    SplitRecipe((80, 10, 10), "0", False, GroupBy.SPECIMEN),
    SplitRecipe((80, 10, 10), "0", True, GroupBy.SPECIMEN),
    SplitRecipe((1, 1, 1), "sämann", True, GroupBy.SPECIMEN),
    SplitRecipe((0, 1, 3), "0", False, GroupBy.IMAGE),
    SplitRecipe((7, 0, 0), "", True, GroupBy.IMAGE),
)


def vectors() -> dict[str, Any]:
    """Everything that the file holds."""
    return {
        "description": "Lines of manifests, their roots, labels files and splits (spec/datasets.md).",
        "lines": [
            {"line": one.line().decode(), "leaf": hide(one).leaf.hex(), "hidden": hide(one).line().decode()}
            for one in (BARE, FULL)
        ],
        "refusedLines": list(REFUSED_LINES),
        "roots": list(_roots()),
        "labels": [{"file": file, "labels": _labelled(file)} for file in LABELS],
        "refusedLabels": [{"file": file, "message": _refusal(file)} for file in REFUSED_LABELS],
        "units": [{"digest": one.digest.uri, "label": one.label, "keys": list(one.keys)} for one in UNITS],
        "splits": [_split(recipe) for recipe in RECIPES],
    }


def _roots() -> Iterator[dict[str, Any]]:
    for count in (0, 1, 2):
        tree = ManifestRoot()
        for one in (BARE, FULL)[:count]:
            tree.add(one)
        yield {"members": count, "root": tree.root.uri}


def _labelled(file: str) -> dict[str, Any]:
    return {
        digest.uri: {"label": said.label, "regions": [region.document() for region in said.regions]}
        for digest, said in read_labels(file.encode()).items()
    }


def _refusal(file: str) -> str:
    try:
        read_labels(file.encode())
    except LabelsRefused as error:
        return str(error)
    raise AssertionError(f"{file!r} was not refused")


def _split(recipe: SplitRecipe) -> dict[str, Any]:
    units = [Unit(one.digest, one.label, ()) for one in UNITS] if recipe.group_by is GroupBy.IMAGE else UNITS
    found = assign_splits(units, recipe)
    return {
        "shares": recipe.text,
        "seed": recipe.seed,
        "stratified": recipe.stratified,
        "groupBy": recipe.group_by.value,
        "splits": [found[digest] for digest in DIGESTS],
    }


if __name__ == "__main__":
    target = Path(__file__).with_name("datasets.json")
    target.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
