"""An index finds what is nearest, has the same bytes wherever it is made, and is not believed as it comes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analyzers.errors import AnalyzerError, BadOutput, DamagedIndex
from analyzers.output import Input
from analyzers.region import Box
from analyzers.vectors import build, recipe
from analyzers.vectors.build import arranged, build_index
from analyzers.vectors.file import read_index, write_index
from analyzers.vectors.members import Members, members_of
from analyzers.vectors.recipe import BYTES, FLAT, LISTS, method_for
from analyzers.vectors.search import open_index
from hashstore.digest import Digest

_ANALYZER, _PARAMETERS = Digest.of(b"analyzer"), Digest.of(b"parameters")
_WIDTH = 16
Floats = npt.NDArray[np.float32]


def drawn(count: int, width: int = _WIDTH, seed: int = 0) -> Floats:
    """Points on a sphere, in heaps."""
    chance = np.random.default_rng(seed)
    heaps = np.random.default_rng(99).normal(size=(12, width))
    points = heaps[chance.integers(0, 12, count)] + chance.normal(size=(count, width)) * 0.4
    found: Floats = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return found


def some_members(count: int) -> Members:
    return members_of(Input(Digest.of(number.to_bytes(4, "big"))) for number in range(count))


def made(count: int, seed: int = 0) -> tuple[bytes, Members, Floats]:
    members, vectors = some_members(count), drawn(count, seed=seed)
    return build_index(_ANALYZER, _PARAMETERS, "embedding", members, vectors), members, vectors


@pytest.fixture(params=[FLAT, BYTES, LISTS])
def method(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, needs_package: Callable[[str], Any]
) -> str:
    """Each method in turn, for as few vectors as a test can wait for."""
    needs_package("faiss")
    monkeypatch.setattr(build, "method_for", lambda count: request.param)
    return str(request.param)


COUNT = 3_000


def test_methods_follow_the_number_of_vectors() -> None:
    found = [method_for(count) for count in (0, 20_000, 20_001, 200_000, 200_001)]
    assert found == [FLAT, FLAT, BYTES, BYTES, LISTS]


def test_it_finds_what_is_nearest(method: str) -> None:
    data, members, vectors = made(COUNT)
    index = open_index(data, members)
    shared = 0
    for query in drawn(40, seed=5):
        exact = np.argsort(-(vectors @ query), kind="stable")[:10]
        hits = index.search(query, 10)
        shared += len({members[int(place)] for place in exact} & {hit.input for hit in hits})
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:
            (place,) = members.places([hit.input.digest])
            assert hit.score == pytest.approx(float(vectors[place] @ query), abs=0.02)
    assert shared >= (400 if method == FLAT else 360)


def test_a_member_finds_itself(method: str) -> None:
    data, members, vectors = made(COUNT)
    index = open_index(data, members)
    for place in (0, 17, COUNT - 1):
        (hit,) = index.search(vectors[place], 1)
        assert hit.input == members[place]
        assert hit.score == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("share", [0.5, 0.05, 0.002])
def test_of_some_members_only_those_are_found(method: str, share: float) -> None:
    data, members, vectors = made(COUNT)
    chosen = np.flatnonzero(np.random.default_rng(1).random(COUNT) < share)
    among = members.places(members[int(place)].digest for place in chosen)
    assert among.tolist() == chosen.tolist()
    index, shared = open_index(data, members), 0
    for query in drawn(20, seed=6):
        exact = chosen[np.argsort(-(vectors[chosen] @ query), kind="stable")[:5]]
        hits = index.search(query, 5, among)
        assert len(hits) == min(5, len(chosen))
        assert {hit.input for hit in hits} <= {members[int(place)] for place in chosen}
        shared += len({members[int(place)] for place in exact} & {hit.input for hit in hits})
    assert shared >= 0.85 * 20 * min(5, len(chosen))


def test_the_same_vectors_make_the_same_bytes(method: str) -> None:
    assert made(COUNT)[0] == made(COUNT)[0]


def test_more_threads_make_the_same_bytes(method: str) -> None:
    import faiss

    before, alone = faiss.omp_get_max_threads(), made(COUNT)[0]
    try:
        faiss.omp_set_num_threads(2)
        assert made(COUNT)[0] == alone
        assert faiss.omp_get_max_threads() == 2
    finally:
        faiss.omp_set_num_threads(before)


def test_another_process_makes_the_same_bytes(needs_package: Callable[[str], Any], tmp_path: Path) -> None:
    needs_package("faiss")
    vectors = drawn(500)
    np.save(tmp_path / "vectors.npy", vectors)
    code = (
        "import sys, numpy as np\n"
        "from analyzers.vectors import build\n"
        "from analyzers.vectors.members import Members\n"
        "from hashstore.digest import Digest\n"
        "build.method_for = lambda count: 'SQ8'\n"
        "lines = tuple(f'{number:064x}'.encode() for number in range(500))\n"
        "zero, vectors = Digest(bytes(32)), np.load(sys.argv[1])\n"
        "made = build.build_index(zero, zero, 'embedding', Members(lines), vectors)\n"
        "print(Digest.of(made).hex)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "vectors.npy")]
    runs = {subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_vectors_may_lie_on_disk(method: str, tmp_path: Path) -> None:
    data, members, vectors = made(COUNT)
    vectors.tofile(tmp_path / "vectors")
    lying = np.memmap(tmp_path / "vectors", np.float32, "r", shape=vectors.shape)
    assert build_index(_ANALYZER, _PARAMETERS, "embedding", members, lying) == data


def test_the_recipe_names_what_it_is_made_of() -> None:
    data, members, _ = made(10)
    told, arrays = read_index(data)
    assert (told.analyzer, told.parameters, told.kind) == (_ANALYZER, _PARAMETERS, "embedding")
    assert (told.members, told.count, told.width, told.method) == (members.root, 10, _WIDTH, FLAT)
    assert recipe.read_recipe(told.document()).digest == told.digest
    assert write_index(told, arrays) == data


def test_rows_are_arranged_whatever_their_order() -> None:
    rows = [
        (Input(Digest.of(bytes([n])), Box(0, 0, n + 1, 1) if n % 2 else None), drawn(1, seed=n).tobytes())
        for n in range(9)
    ]
    members, vectors = arranged(rows)
    again, same = arranged([*reversed(rows), rows[3]])
    assert members == again
    assert vectors.tobytes() == same.tobytes()
    for input, vector in rows:
        assert vectors[list(members).index(input)].tobytes() == vector
    with pytest.raises(BadOutput, match="two different"):
        arranged([*rows, (rows[0][0], rows[1][1])])
    with pytest.raises(BadOutput, match="one width"):
        arranged([*rows, (Input(Digest.of(b"wide")), bytes(4))])


def test_an_index_without_members_finds_nothing(needs_package: Callable[[str], Any]) -> None:
    needs_package("faiss")
    members, vectors = arranged([])
    index = open_index(build_index(_ANALYZER, _PARAMETERS, "embedding", members, vectors), members)
    assert index.search(np.ones(1, np.float32), 5) == []


def test_a_search_among_nothing_finds_nothing(method: str) -> None:
    data, members, vectors = made(COUNT)
    assert open_index(data, members).search(vectors[0], 5, members.places([])) == []


def test_what_cannot_be_searched_for_is_refused(needs_package: Callable[[str], Any]) -> None:
    needs_package("faiss")
    data, members, vectors = made(10)
    index = open_index(data, members)
    for vector in (vectors[0][:-1], vectors[:1], vectors[0] * np.float32(np.nan)):
        with pytest.raises(AnalyzerError, match="finite coordinates"):
            index.search(vector, 5)
    for count in (0, -1, 1_001):
        with pytest.raises(AnalyzerError, match="finds 1 to"):
            index.search(vectors[0], count)


def test_other_members_are_refused(needs_package: Callable[[str], Any]) -> None:
    needs_package("faiss")
    data, _, _ = made(10)
    with pytest.raises(DamagedIndex, match="index is one of the members"):
        open_index(data, some_members(11))


def test_as_many_vectors_as_members_are_asked_for() -> None:
    with pytest.raises(AnalyzerError, match="3 members, and 2 vectors"):
        build_index(_ANALYZER, _PARAMETERS, "embedding", some_members(3), drawn(2))


def test_a_damaged_index_is_refused(method: str) -> None:
    data, members, _ = made(COUNT)
    for other in (data[:-1], data + b"\0", data[:100], b"", data.replace(b'"count":3000', b'"count":9000')):
        with pytest.raises(DamagedIndex):
            open_index(other, members)


def test_numbers_that_lead_elsewhere_are_refused(
    monkeypatch: pytest.MonkeyPatch, needs_package: Callable[[str], Any]
) -> None:
    needs_package("faiss")
    monkeypatch.setattr(build, "method_for", lambda count: LISTS)
    data, _, _ = made(COUNT)
    told, arrays = read_index(data)
    far, twice, sizes, ranges = (arrays[name].copy() for name in ("places", "places", "sizes", "ranges"))
    far[0], twice[0], ranges[0, 0] = 1 << 40, twice[1], np.nan
    sizes[0], sizes[1] = sizes[0] + (1 << 40), sizes[1] - (1 << 40)
    for changed in ({"places": far}, {"places": twice}, {"sizes": sizes}, {"ranges": ranges}):
        with pytest.raises(DamagedIndex):
            read_index(write_index(told, {**arrays, **changed}))


def test_recipes_that_are_not_known_are_refused() -> None:
    told, arrays = read_index(made(10)[0])
    for other in (replace(told, width=0), replace(told, width=1 << 20), replace(told, count=-1)):
        with pytest.raises(DamagedIndex):
            read_index(write_index(other, arrays))
    documents: list[Any] = [{**told.document(), "count": "10"}, {**told.document(), "more": 1}, [], None, {}]
    for document in [*documents, {**told.document(), "method": "HNSW32"}]:
        with pytest.raises(DamagedIndex):
            recipe.read_recipe(document)
