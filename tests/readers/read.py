"""`python read.py READER PATH`: read an export with somebody else's library, and print what it found as JSON.

Runs in the environment of `requirements.txt`, and so imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any


def coco(path: Path) -> Any:
    """Pycocotools: the numbers of images and annotations, and the pixels of each mask."""
    from pycocotools.coco import COCO

    found = COCO(path)
    masks = [int(found.annToMask(one).sum()) for one in found.anns.values() if one["segmentation"]]
    return {
        "images": sorted(image["file_name"] for image in found.imgs.values()),
        "categories": sorted(category["name"] for category in found.cats.values()),
        "boxes": [one["bbox"] for one in found.anns.values()],
        "masks": masks,
    }


def webdataset(path: Path) -> Any:
    """WebDataset: key, class, size of the decoded image, and the JSON's label of each sample."""
    import webdataset as wds

    samples = wds.WebDataset(str(path), shardshuffle=False).decode("pil")
    return [
        {
            "key": one["__key__"],
            "cls": one.get("cls"),
            "size": one["jpg"].size,
            "label": one["json"].get("label"),
        }
        for one in samples
    ]


def parquet(path: Path) -> Any:
    """Hugging Face datasets: rows, with the size of the decoded image if there is one."""
    import datasets

    with tempfile.TemporaryDirectory() as cache:
        found = datasets.load_dataset("parquet", data_files={"train": str(path)}, cache_dir=cache)["train"]
        return [{**row, **({"image": row["image"].size} if "image" in row else {})} for row in found]


def imagefolder(path: Path) -> Any:
    """Hugging Face datasets: for each split its classes, and the class of each image."""
    import datasets

    with tempfile.TemporaryDirectory() as cache:
        found = datasets.load_dataset("imagefolder", data_dir=str(path), cache_dir=cache)
        return {
            split: {
                "names": rows.features["label"].names,
                "labels": [rows.features["label"].names[row["label"]] for row in rows],
            }
            for split, rows in found.items()
        }


def croissant(path: Path) -> Any:
    """Mlcroissant: the records of both record sets."""
    import mlcroissant

    found = mlcroissant.Dataset(jsonld=path / "metadata.json")
    members = [
        {name: value.decode() if isinstance(value, bytes) else value for name, value in one.items()}
        for one in found.records("members")
    ]
    images = [
        (one["images/filename"].decode(), one["images/content"].size)
        if isinstance(one["images/filename"], bytes)
        else (one["images/filename"], one["images/content"].size)
        for one in found.records("images")
    ]
    return {"members": members, "images": sorted(images)}


def voc(path: Path) -> Any:
    """Globox: for each annotation its size and its boxes, whose ends belong to them and count from 1."""
    import globox

    found = globox.AnnotationSet.from_pascal_voc(path)
    return {
        one.image_id: {
            "size": one.image_size,
            "boxes": [[box.label, *map(int, box.ltrb)] for box in one.boxes],
        }
        for one in found
    }


def masks(path: Path) -> Any:
    """PyPNG, which decodes by itself: for each mask its size, colours, classes, and pixels of each class."""
    from collections import Counter

    import png

    found = {}
    for mask in sorted(path.iterdir()):
        width, height, rows, about = png.Reader(filename=str(mask)).read()
        pixels = Counter(value for row in rows for value in row)
        colours = {value: about["palette"][value] for value in pixels}
        found[mask.stem] = {"size": [width, height], "pixels": pixels, "colours": colours}
    return found


def datacite(path: Path) -> Any:
    """DataCite's own JSON schema of kernel 4.5: what it finds wrong."""
    from datacite import schema45

    return [error.message for error in schema45.validator.iter_errors(json.loads(path.read_text()))]


def csl(path: Path) -> Any:
    """The bibliography that a citation processor makes of CSL-JSON, in the style that it brings."""
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    items = json.loads(path.read_text())
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    return [str(entry) for entry in bibliography.bibliography()]


def seed(path: Path) -> Any:
    """Put RO-Crate's context (standard input) where the validator looks for it when it is offline."""
    import io

    import requests
    from requests_cache import CachedSession
    from urllib3 import HTTPResponse

    body = sys.stdin.buffer.read()
    session = CachedSession(cache_name=str(path), backend="sqlite", expire_after=-1)
    answer = requests.Response()
    answer.status_code, answer.url = 200, "https://w3id.org/ro/crate/1.1/context"
    answer.headers["Content-Type"] = "application/ld+json"
    answer.raw = HTTPResponse(io.BytesIO(body), dict(answer.headers), 200, preload_content=False)
    answer._content = body
    answer.request = requests.Request("GET", answer.url).prepare()
    session.cache.save_response(answer)
    return list(session.cache.urls())


READERS = {
    reader.__name__: reader
    for reader in (coco, webdataset, parquet, imagefolder, voc, masks, croissant, datacite, csl, seed)
}

if __name__ == "__main__":
    name, where = sys.argv[1:]
    said, sys.stdout = sys.stdout, sys.stderr  # libraries talk
    result = READERS[name](Path(where))
    said.write(json.dumps(result))
