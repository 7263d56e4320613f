"""A network that reaches beyond its file, or is not what its manifest says, is not run."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from analyzers.engine.batches import run_batches
from analyzers.engine.pool import Allowance, WorkerPool
from analyzers.errors import AnalyzerError, UnsuitableModel
from analyzers.onnx_model import network as network_module
from hashstore.digest import Digest

if TYPE_CHECKING:
    from tests.analyzers.onnx_model.conftest import Run

Make = Callable[..., Any]
_PICTURE = Image.new("RGB", (9, 9), "red")


def external(onnx: Any, place: str) -> Any:
    tensor = onnx.TensorProto(name="secret", data_type=onnx.TensorProto.FLOAT, dims=[3])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=place)
    return tensor


@pytest.mark.parametrize("place", ["/etc/passwd", "../secret", "beside.bin"])
def test_weights_in_other_files_are_refused(
    run: Run, onnx: Any, colours: bytes, place: str, tmp_path: Path
) -> None:
    (tmp_path / "beside.bin").write_bytes(bytes(12))
    model = onnx.load_model_from_string(colours)
    model.graph.initializer.append(external(onnx, place))
    with pytest.raises(UnsuitableModel, match="keeps secret in another file"):
        run(model.SerializeToString(), _PICTURE)


def test_weights_in_other_files_are_found_wherever_they_hide(run: Run, onnx: Any, colours: bytes) -> None:
    helper = onnx.helper
    hidden = helper.make_graph(
        [helper.make_node("Identity", ["secret"], ["out"])],
        "hidden",
        [],
        [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [3])],
        [external(onnx, "/etc/passwd")],
    )
    model = onnx.load_model_from_string(colours)
    model.graph.node.append(
        helper.make_node("If", ["numbers"], ["never"], then_branch=hidden, else_branch=hidden)
    )
    with pytest.raises(UnsuitableModel, match="another file"):
        run(model.SerializeToString(), _PICTURE)
    constant = onnx.load_model_from_string(colours)
    constant.graph.node.append(helper.make_node("Constant", [], ["never"], value=external(onnx, "x")))
    with pytest.raises(UnsuitableModel, match="another file"):
        run(constant.SerializeToString(), _PICTURE)


def test_code_that_is_not_here_is_refused(run: Run, onnx: Any, network: Make) -> None:
    node = onnx.helper.make_node("Steal", ["pixels"], ["numbers"], domain="evil.example")
    with pytest.raises(UnsuitableModel, match=r"evil\.example\.Steal"):
        run(network([node], {"numbers": (1, 3)}), _PICTURE)


def test_a_graph_of_too_many_nodes_is_refused(
    run: Run, colours: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_module, "MOST_NODES", 1)
    with pytest.raises(UnsuitableModel, match="more than 1 nodes"):
        run(colours, _PICTURE)


def test_a_file_that_is_too_large_is_refused(
    run: Run, colours: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_module, "LARGEST", 10)
    with pytest.raises(UnsuitableModel, match="larger than"):
        run(colours, _PICTURE)


def test_graphs_in_graphs_without_end_are_refused(run: Run, onnx: Any, colours: bytes) -> None:
    helper = onnx.helper
    inner = helper.make_graph([], "inner", [], [])
    for _ in range(20):
        inner = helper.make_graph([helper.make_node("If", ["c"], ["o"], then_branch=inner)], "outer", [], [])
    model = onnx.load_model_from_string(colours)
    model.graph.node.append(helper.make_node("If", ["numbers"], ["never"], then_branch=inner))
    with pytest.raises(UnsuitableModel):
        run(model.SerializeToString(), _PICTURE)


@pytest.mark.parametrize("data", [b"", b"not a network", bytes(100), b"\x08\x08" * 50])
def test_what_is_no_network_is_refused(run: Run, onnx: Any, data: bytes) -> None:
    with pytest.raises(UnsuitableModel):
        run(data, _PICTURE)


def test_a_network_cut_short_is_refused(run: Run, onnx: Any, colours: bytes) -> None:
    for length in (len(colours) // 2, len(colours) - 1):
        with pytest.raises(UnsuitableModel):
            run(colours[:length], _PICTURE)


def test_another_input_than_the_manifest_tells_is_refused(run: Run, colours: bytes) -> None:
    with pytest.raises(UnsuitableModel, match="takes 1 x 3 x 8 x 8, where its manifest says 1 x 3 x 16 x 8"):
        run(colours, _PICTURE, input={"width": 8, "height": 16})
    with pytest.raises(UnsuitableModel, match="1 x 8 x 8 x 3"):
        run(colours, _PICTURE, input={"width": 8, "height": 8, "layout": "NHWC"})


def test_other_numbers_than_the_manifest_tells_are_refused(run: Run, colours: bytes, constant: Make) -> None:
    with pytest.raises(UnsuitableModel, match="tells of 2 numbers"):
        run(colours, _PICTURE, labels=["red", "green"])
    with pytest.raises(UnsuitableModel, match="gives 1 outputs, where 3 are needed"):
        run(constant(found=np.zeros((1, 7, 2))), _PICTURE, task="detect", output={"format": "boxes"})


def test_a_network_of_two_inputs_is_refused(run: Run, onnx: Any, colours: bytes) -> None:
    model = onnx.load_model_from_string(colours)
    model.graph.input.append(onnx.helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, [1]))
    with pytest.raises(UnsuitableModel, match="takes 2 inputs"):
        run(model.SerializeToString(), _PICTURE)


def test_a_network_that_wants_more_memory_than_there_is_fails_alone(
    onnx: Any, network: Make, manifest_of: Make, tmp_path: Path
) -> None:
    """In a worker, which has limits: the unit is refused or its items fail, and nothing else."""
    node = onnx.helper.make_node
    sides = onnx.numpy_helper.from_array(np.array([1 << 40], np.int64))
    nodes = [
        node("Constant", [], ["sides"], value=sides),
        node("ConstantOfShape", ["sides"], ["huge"]),
        node("ReduceMean", ["huge"], ["mean"], keepdims=1),
        node("GlobalAveragePool", ["pixels"], ["means"]),
        node("Flatten", ["means"], ["flat"], axis=1),
        node("Add", ["flat", "mean"], ["numbers"]),
    ]
    made = network(nodes, {"numbers": (1, 3)})
    order, item = unit(made, manifest_of, tmp_path)
    with WorkerPool(1, Allowance(8 << 30, 30.0)) as pool:
        try:
            found = [one.get("failing") for part in run_batches(pool, order, [item], 1) for one in part]
        except AnalyzerError:
            found = ["refused"]
    assert found in (["refused"], ["failed"], ["out-of-memory"], ["crashed"])


@pytest.mark.parametrize("sides", [[1 << 40], [-1], [1 << 62, 1 << 62]])
def test_weights_that_say_they_are_larger_than_they_are_are_refused(
    run: Run, onnx: Any, colours: bytes, sides: list[int]
) -> None:
    model = onnx.load_model_from_string(colours)
    model.graph.initializer.append(
        onnx.TensorProto(name="huge", data_type=onnx.TensorProto.FLOAT, dims=sides, raw_data=bytes(8))
    )
    model.graph.node.append(onnx.helper.make_node("Identity", ["huge"], ["more"]))
    model.graph.output.append(onnx.helper.make_tensor_value_info("more", onnx.TensorProto.FLOAT, None))
    with pytest.raises(UnsuitableModel):
        run(model.SerializeToString(), _PICTURE)


@pytest.mark.slow
def test_a_network_without_end_is_ended(onnx: Any, network: Make, manifest_of: Make, tmp_path: Path) -> None:
    helper, kinds = onnx.helper, onnx.TensorProto
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["had"], ["has"])],
        "round",
        [value("round", kinds.INT64, []), value("go", kinds.BOOL, []), value("had", kinds.FLOAT, None)],
        [value("on", kinds.BOOL, []), value("has", kinds.FLOAT, None)],
    )
    yes = onnx.numpy_helper.from_array(np.array(True))
    nodes = [
        helper.make_node("Constant", [], ["yes"], value=yes),
        helper.make_node("GlobalAveragePool", ["pixels"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"], axis=1),
        helper.make_node("Loop", ["", "yes", "flat"], ["numbers"], body=body),
    ]
    order, item = unit(network(nodes, {"numbers": (1, 3)}), manifest_of, tmp_path)
    with WorkerPool(1, Allowance(8 << 30, 1.0), start=9.0) as pool:
        found = [one.get("failing") for part in run_batches(pool, order, [item], 1) for one in part]
    assert found == ["timeout"]


def unit(made: bytes, manifest_of: Make, folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """A network and one picture, as a worker is asked for them."""
    stream = io.BytesIO()
    _PICTURE.save(stream, "PNG")
    files = {"network": made, "manifest": json.dumps(manifest_of(made)).encode()}
    for name, data in {**files, "picture": stream.getvalue()}.items():
        (folder / name).write_bytes(data)
    models = {
        name: {"path": str(folder / name), "digest": Digest.of(data).uri} for name, data in files.items()
    }
    order = {"analyzer": "small-model", "parameters": {"least": "0", "most": 1}, "models": models}
    return order, {"digest": Digest.of(stream.getvalue()).uri, "path": str(folder / "picture")}
