"""Planted strangers are found among the images of a taxon, with how sure that is, and the same each time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from analyzers.errors import UnsuitableModel
from analyzers.finding import Finding
from analyzers.outliers.analyzer import MISIDENTIFIED, REFERENCE, UNLIKE, VECTORS, analyzer_of
from analyzers.outliers.distances import apart, unusual, whole
from analyzers.outliers.reference import Reference, read_reference, read_vectors, reference_of
from analyzers.parameters import whole_parameters
from analyzers.picture.picture import Picture
from analyzers.vectors.direction import unit_vector
from hashstore.digest import Digest

WIDTH = 32
Images = dict[Digest, tuple[str, bytes]]


def digest(words: str) -> Digest:
    return Digest(hashlib.sha256(words.encode()).digest())


def around(random: np.random.Generator, centre: npt.NDArray[np.float64], spread: float) -> bytes:
    return unit_vector((centre + random.normal(0, spread, WIDTH)).astype(np.float32))


def collection() -> Images:
    """Twenty bellflowers and twenty poppies, a poppy among the bellflowers, a cloud among the poppies."""
    random = np.random.Generator(np.random.PCG64(11))
    bell, poppy, nothing, rare = (random.normal(0, 1, WIDTH) for _ in range(4))
    found = {digest(f"bell {one}"): ("Campanula", around(random, bell, 0.15)) for one in range(20)}
    found |= {digest(f"poppy {one}"): ("Papaver", around(random, poppy, 0.15)) for one in range(20)}
    found[digest("a poppy")] = ("Campanula", around(random, poppy, 0.15))
    found[digest("a cloud")] = ("Papaver", around(random, nothing, 0.15))
    found |= {digest(f"rare {one}"): ("Rara", around(random, rare, 3.0)) for one in range(3)}
    return found


def judged(folder: Path, images: Images, **given: str | int) -> dict[Digest, tuple[Finding, ...]]:
    reference, vectors = reference_of("genus", digest("embedding"), digest("parameters"), images)
    paths = {REFERENCE: folder / "reference", VECTORS: folder / "vectors"}
    paths[REFERENCE].write_bytes(reference.data)
    paths[VECTORS].write_bytes(vectors)
    analyzer = analyzer_of({REFERENCE: Digest.of(reference.data), VECTORS: Digest.of(vectors)})
    reading = analyzer.prepare(whole_parameters(analyzer.description, given), paths)
    return {one: tuple(reading(Picture(one, b""))) for one in (*images, digest("elsewhere"))}


def told(findings: tuple[Finding, ...]) -> Mapping[str, Finding]:
    return {one.kind: one for one in findings}


def test_a_misidentified_image_and_a_poor_one_are_told_apart_and_nothing_else_is_told(tmp_path: Path) -> None:
    found = judged(tmp_path, collection())
    flagged = {one: {MISIDENTIFIED, UNLIKE} & set(told(said)) for one, said in found.items()}
    assert {one: kinds for one, kinds in flagged.items() if kinds} == {
        digest("a poppy"): {MISIDENTIFIED},
        digest("a cloud"): {UNLIKE},
    }
    assert told(found[digest("a poppy")])[MISIDENTIFIED].text == "Papaver"


def test_each_score_comes_with_what_it_rests_on(tmp_path: Path) -> None:
    images = collection()
    said = judged(tmp_path, images)[digest("a poppy")]
    score = told(said)["outlier-score"]
    assert (score.text, told(said)["reference-size"].value) == ("Campanula", "20")
    assert score.uncertainty is not None
    assert 0 < float(score.uncertainty) < float(score.value or 0)
    near = [one for one in said if one.kind == "nearest-image"]
    assert len(near) == 3
    assert all(images[Digest.parse(one.text or "")][0] == "Campanula" for one in near)
    assert [float(one.value or 0) for one in near] == sorted(float(one.value or 0) for one in near)


def test_a_taxon_with_few_images_and_an_unknown_image_are_not_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, collection())
    assert not found[digest("rare 1")]
    assert not found[digest("elsewhere")]
    assert judged(tmp_path, collection(), least=20)[digest("a poppy")]
    assert not judged(tmp_path, collection(), least=21)[digest("a poppy")]


def test_copies_of_one_image_are_no_outliers(tmp_path: Path) -> None:
    vector = unit_vector(np.ones(WIDTH, np.float32))
    images: Images = {digest(f"copy {one}"): ("Campanula", vector) for one in range(8)}
    for said in judged(tmp_path, images).values():
        assert not {MISIDENTIFIED, UNLIKE} & set(told(said))


def test_a_score_is_unmoved_by_some_others_that_are_wrong_too() -> None:
    usual = np.concatenate([np.linspace(0.9, 1.1, 21), [5.0, 6.0]])
    plain, mixed = unusual(2.0, usual[:21]), unusual(2.0, usual)
    assert mixed.score == pytest.approx(plain.score, rel=0.2)
    assert unusual(2.0, np.tile(usual, 16)).error == pytest.approx(mixed.error / 4)


def test_distances_are_the_same_in_whatever_order_they_are_added_up() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    vectors = whole((random.normal(0, 1, (40, 300)) / 17).astype(np.float32))
    order = random.permutation(300)
    assert (apart(vectors, vectors) == apart(vectors[:, order], vectors[:, order])).all()
    assert (apart(vectors[:1], vectors) == apart(vectors, vectors)[:1]).all()


def test_a_reference_is_read_as_it_was_written_and_nothing_else_is(tmp_path: Path) -> None:
    reference, vectors = reference_of("genus", digest("embedding"), digest("parameters"), collection())
    again = read_reference(reference.data)
    assert (again.rank, again.taxa, again.width) == (reference.rank, reference.taxa, WIDTH)
    path = tmp_path / "vectors"
    path.write_bytes(vectors[:-1])
    with pytest.raises(UnsuitableModel):
        read_vectors(path, reference)
    twice = Reference("genus", digest("e"), digest("p"), 4, {"A": (digest("x"),), "B": (digest("x"),)})
    for data in (b"", b"[]", b"{}", b'{"taxa":3}', reference.data + b" ", twice.data):
        with pytest.raises(UnsuitableModel):
            read_reference(data)
    with pytest.raises(UnsuitableModel):
        reference_of("genus", digest("e"), digest("p"), {})
    with pytest.raises(UnsuitableModel):
        analyzer_of({REFERENCE: digest("x")})
