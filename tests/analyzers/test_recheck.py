"""What comes out of a sandbox is a result of the picture that was asked for, or a failure."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from analyzers.output import Failing, Failure, Output, decode_result
from analyzers.recheck import recheck_unit
from hashstore.digest import Digest

KINDS = {"red": "Red."}


@pytest.fixture(scope="module")
def item(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    file = io.BytesIO()
    Image.new("RGB", (16, 9)).save(file, "PNG")
    path: Path = tmp_path_factory.mktemp("picture") / "one.png"
    path.write_bytes(file.getvalue())
    return {"digest": Digest.of(file.getvalue()).uri, "path": str(path)}


def checked(item: dict[str, str], result: Any) -> Output | Failure:
    (found,) = recheck_unit({"kinds": KINDS, "items": [item], "results": [result]})
    return decode_result(found)


def test_a_good_result_stays_as_it_is(item: dict[str, str]) -> None:
    result = {"digest": item["digest"], "findings": [{"kind": "red", "value": "1"}]}
    assert recheck_unit({"kinds": KINDS, "items": [item], "results": [result]}) == [result]


def made(named: bytes, media_type: str) -> dict[str, str]:
    """A finding with the derivative `x`, which says that it is `named`."""
    return {"kind": "red", "derivative": Digest.of(named).uri, "mediaType": media_type, "data": "eA=="}


@pytest.mark.parametrize(
    "said",
    [
        {"findings": [{"kind": "blue"}]},
        {"findings": [{"kind": ["red"]}]},
        {"findings": [{"kind": "red", "value": 1}]},
        {"findings": [{"kind": "red", "region": "xywh=pixel:0,0,17,9"}]},
        {"findings": [made(b"x", "text/html")]},
        {"findings": [made(b"x", "image/svg+xml")]},
        {"findings": [made(b"y", "image/png")]},
        {"findings": [{"kind": "red", "derivative": Digest.of(b"x").uri}]},
        {"findings": "none"},
        {"fault": "damaged"},
        {"fault": "tired"},
        {"region": "xywh=pixel:0,0,1,1", "findings": []},
        {},
    ],
)
def test_what_must_not_be_published_is_a_failure(item: dict[str, str], said: dict[str, Any]) -> None:
    found = checked(item, {"digest": item["digest"], **said})
    assert isinstance(found, Failure)
    assert found.failing is Failing.BAD_OUTPUT


def test_too_few_results_are_no_results(item: dict[str, str]) -> None:
    found = recheck_unit({"kinds": KINDS, "items": [item, item], "results": []})
    assert [one["failing"] for one in found] == ["bad-output", "bad-output"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(result=_JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_json_is_a_failure(item: dict[str, str], result: Any) -> None:
    assert isinstance(checked(item, result), Failure)
