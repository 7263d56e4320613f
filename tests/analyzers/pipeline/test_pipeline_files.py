"""Pipelines are read without guesses and without harm; what is wrong with one is told by line and step."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.description import Description, InputKind, Task
from analyzers.errors import UnknownAnalyzer
from analyzers.output import Input
from analyzers.pipeline.document import Selection, read_pipeline, with_parameters
from analyzers.pipeline.errors import PipelineRefused
from analyzers.pipeline.graph import Checked, check_pipeline
from analyzers.pipeline.select import input_of
from analyzers.pipeline.source import Unreadable, read_source
from analyzers.region import Box
from hashstore.digest import Digest

HEAD = "pipeline: 1\nname: a-test\nabout: For a test.\nsteps:\n"
ANALYZERS = {
    one.name: one
    for one in (
        Description("parts", "1", Task.SEGMENT, "Parts.", {"label": "A label.", "stamp": "A stamp."}),
        Description(
            "reader", "2.1", Task.READ, "Reads.", {"text": "Text."},
            parameters={"least": {"type": "string", "default": "0.5"}},
        ),
        Description("crop", "1", Task.SEGMENT, "Cuts.", {"crop": "A crop."}),
        Description("whole", "1", Task.DESCRIBE, "Looks.", {"a": "A."}, inputs=(InputKind.IMAGE,)),
    )
}  # fmt: skip


def describe(name: str) -> Description:
    if name not in ANALYZERS:
        raise UnknownAnalyzer(f"no analyzer {name!r}")
    return ANALYZERS[name]


def checked(steps: str) -> Checked:
    return check_pipeline(read_pipeline((HEAD + steps).encode(), "a.yaml"), describe)


def faults(steps: str) -> list[str]:
    with pytest.raises(PipelineRefused) as refused:
        checked(steps)
    return str(refused.value).split("\n")


def test_steps_are_run_after_those_that_they_take_from_whatever_their_order_in_the_file() -> None:
    found = checked(
        "  c: {run: reader@2.1, pictures: {from: b}, parameters: {least: 0.7}}\n"
        "  b:\n    run: crop@1\n    regions: {from: a, kind: [label, stamp], least: 0.25, term: http://x/y}\n"
        "  d: {run: whole@1}\n"
        "  a: {run: parts@1}\n"
    )
    assert [one.step.name for one in found.steps] == ["d", "a", "b", "c"]
    assert found.steps[2].step.taken == Selection("a", False, ("label", "stamp"), ("http://x/y",), "0.25")
    assert found.steps[3].parameters == {"least": "0.7"}
    assert not found.notes
    other = with_parameters(found.pipeline, {"c": {"least": "0.9"}})
    assert check_pipeline(other, describe).steps[3].parameters == {"least": "0.9"}


def test_a_crop_that_nobody_reads_is_noted() -> None:
    (note,) = checked("  a: {run: parts@1}\n  b:\n    run: crop@1\n    regions: {from: a}\n").notes
    assert note.told("a.yaml") == "a.yaml, line 7, step b: no step reads the pictures that it makes"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("  a: {run: parts@1, regions: {from: a}}\n", "line 5, step a: it waits for itself: a from a"),
        ("  a: {run: nothing@1}\n", "line 5, step a: no analyzer 'nothing'"),
        ("  a: {run: parts@2}\n", "line 5, step a: parts@1 is installed here, not version 2"),
        ("  a:\n    run: parts@1\n    regions: {from: b}\n", "line 7, step a: there is no step 'b'"),
        ("  a: {run: parts@1}\n  b:\n    run: whole@1\n    regions:\n      from: a\n",
         "line 8, step b: whole does not read regions"),
        ("  aa: {run: parts@1}\n  b:\n    run: crop@1\n    regions:\n      from: aa\n      kind: labels\n",
         "line 10, step b: aa (parts) says nothing of the kind 'labels'; is 'label' meant?"),
        ("  a:\n    run: reader@2.1\n    parameters: {most: 3}\n", "line 7, step a: reader: parameters: "),
        ("  a:\n    runs: parts@1\n    run: parts@1\n", "line 6, step a: steps.a: Additional properties"),
        ("  a: {run: parts}\n", "line 5, step a: steps.a.run: 'parts' does not match"),
        ("  a: {run: parts@1}\n  b:\n    run: crop@1\n    regions: {from: a}\n    pictures: {from: a}\n",
         "line 9, step b: a step reads regions or pictures, not both"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_file_line_and_step(steps: str, told: str) -> None:
    (words,) = faults(steps)
    assert words.startswith(f"a.yaml, {told}"), words


def test_everything_that_is_wrong_is_told_at_once() -> None:
    words = faults(
        "  a: {run: crop@1, regions: {from: c}}\n  b: {run: crop@1, regions: {from: a}}\n"
        "  c: {run: crop@1, regions: {from: b}}\n  d: {run: crop@1, regions: {from: c}}\n  e: {run: x@1}\n"
    )
    assert words == [
        "a.yaml, line 5, step a: it waits for itself: a from c from b from a",
        "a.yaml, line 6, step b: it waits for itself: b from a from c from b",
        "a.yaml, line 7, step c: it waits for itself: c from b from a from c",
        "a.yaml, line 9, step e: no analyzer 'x'",
    ]


def test_words_are_true_false_or_whole_only_where_json_would_read_them_so() -> None:
    text = (
        "a: no\nb: true\nc: 0.50\nd: 12\ne: 012\nf: 1:30\ng: 'true'\nh: 2024-01-01\ni: 0x1F\nj: [-1, 1e3]\n"
    )
    value = read_source(text.encode()).value
    assert value == {
        "a": "no", "b": True, "c": "0.50", "d": 12, "e": "012", "f": "1:30", "g": "true", "h": "2024-01-01",
        "i": "0x1F", "j": [-1, "1e3"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"a: 1\nb: &x 2\n", 2, "anchors"),
        (b"a: 1\nb: *x\n", 2, "anchors"),
        (b"a: !!python/object/apply:os.system [ls]\n", 1, "tags"),
        (b"a: 1\nb: 2\na: 3\n", 3, "twice"),
        (b"a: 1\n---\nb: 2\n", 3, "second document"),
        (b'a: "\\ud800"\n', 1, "no character"),
        (b"a:\nb: 2\n", 1, "missing"),
        (b"a: {b: [}\n", 1, "no YAML"),
        (b"a: \xff\n", 1, "UTF-8"),
        (b"a: 1\nb: \x01\n", 2, "no YAML"),
        (b"? [a]\n: 1\n", 1, "a name must be a word"),
        (b"[" * 5_000, 1, "levels deep"),
        (b"", 1, "empty"),
        (b"#" * 70_000, 1, "64 KiB"),
    ],
)
def test_what_could_do_harm_or_be_misread_is_refused_with_its_line(
    text: bytes, line: int, words: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_source(text)
    assert (refused.value.fault.line, words in refused.value.fault.words) == (line, True), refused.value
    with pytest.raises(PipelineRefused, match=f"^x.yaml, line {line}: "):
        read_pipeline(text, "x.yaml")


JSON = st.recursive(
    st.booleans()
    | st.integers(-(10**14), 10**14)
    | st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=50)
@given(JSON)
def test_json_is_read_as_json(value: Any) -> None:
    try:
        found = read_source(json.dumps(value, ensure_ascii=True).encode()).value
    except Unreadable as refused:
        assert "levels deep" in str(refused)  # noqa: PT017
    else:
        assert found == value


@settings(max_examples=50)
@given(st.binary(max_size=60) | st.text("[]{}:,&*!|>-?\"'#%@ \n\tab1", max_size=60).map(str.encode))
def test_no_bytes_do_anything_but_be_read_or_refused(data: bytes) -> None:
    try:
        read_pipeline(data, "x.yaml")
    except PipelineRefused as refused:
        assert str(refused).startswith("x.yaml, line ")  # noqa: PT017


@pytest.mark.parametrize(
    ("selection", "finding", "taken"),
    [
        (Selection("a", False), {"kind": "k", "region": "xywh=pixel:1,2,3,4"}, "region"),
        (Selection("a", False), {"kind": "k"}, None),
        (Selection("a", True), {"kind": "k", "region": "xywh=pixel:1,2,3,4"}, None),
        (Selection("a", False, ("l",)), {"kind": "k", "region": "xywh=pixel:1,2,3,4"}, None),
        (Selection("a", False, (), ("t",)),
         {"kind": "k", "region": "xywh=pixel:1,2,3,4", "term": "t"}, "region"),
        (Selection("a", False, (), ("t",)), {"kind": "k", "region": "xywh=pixel:1,2,3,4"}, None),
        (Selection("a", False, (), (), "0.5"), {"kind": "k", "region": "xywh=pixel:1,2,3,4"}, None),
        (Selection("a", False, (), (), "0.5"),
         {"kind": "k", "region": "xywh=pixel:1,2,3,4", "confidence": "0.5"}, "region"),
        (Selection("a", False, (), (), "0.5"),
         {"kind": "k", "region": "xywh=pixel:1,2,3,4", "confidence": "0.49"}, None),
        (Selection("a", True), {"kind": "k", "derivative": Digest.of(b"made").uri}, "picture"),
    ],
)  # fmt: skip
def test_a_step_takes_what_its_selection_names(
    selection: Selection, finding: dict[str, str], taken: str | None
) -> None:
    picture = Digest.of(b"picture")
    wanted = {
        None: None, "region": Input(picture, Box(1, 2, 3, 4)), "picture": Input(Digest.of(b"made"))
    }[taken]  # fmt: skip
    assert input_of(selection, picture, finding) == wanted
