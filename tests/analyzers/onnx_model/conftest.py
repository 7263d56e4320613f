"""Small networks whose answers can be told by hand."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from analyzers.check import check_findings
from analyzers.finding import Finding
from analyzers.onnx_model.analyzer import analyzer_of
from analyzers.parameters import whole_parameters
from analyzers.picture.picture import Picture
from analyzers.region import Box
from hashstore.digest import Digest

Run = Callable[..., Sequence[Finding]]


@pytest.fixture
def onnx(needs_package: Callable[[str], Any]) -> Any:
    needs_package("onnxruntime")
    return needs_package("onnx")


@pytest.fixture
def network(onnx: Any) -> Callable[..., bytes]:
    """Makes a network of some nodes; input `pixels` of 1 x 3 x 8 x 8."""

    def made(
        nodes: Sequence[Any],
        outputs: Mapping[str, Sequence[Any]],
        weights: Mapping[str, Any] | None = None,
        sides: Sequence[Any] = (1, 3, 8, 8),
    ) -> bytes:
        helper, kind = onnx.helper, onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            list(nodes),
            "small",
            [helper.make_tensor_value_info("pixels", kind, list(sides))],
            [helper.make_tensor_value_info(name, kind, list(shape)) for name, shape in outputs.items()],
            [
                onnx.numpy_helper.from_array(np.asarray(value, np.float32), name)
                for name, value in (weights or {}).items()
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        data: bytes = model.SerializeToString()
        return data

    return made


@pytest.fixture
def colours(onnx: Any, network: Callable[..., bytes]) -> bytes:
    """The mean of each colour over the picture: three numbers."""
    node = onnx.helper.make_node
    nodes = [
        node("GlobalAveragePool", ["pixels"], ["mean"]),
        node("Flatten", ["mean"], ["numbers"], axis=1),
    ]
    return network(nodes, {"numbers": (1, 3)})


@pytest.fixture
def constant(onnx: Any, network: Callable[..., bytes]) -> Callable[..., bytes]:
    """Gives the same whatever it sees."""

    def made(**outputs: Any) -> bytes:
        node = onnx.helper.make_node
        nodes = [node("Identity", [f"{name}-weight"], [name]) for name in outputs]
        shapes = {name: np.shape(value) for name, value in outputs.items()}
        return network(nodes, shapes, {f"{name}-weight": value for name, value in outputs.items()})

    return made


def told_of(network: bytes, **changed: Any) -> dict[str, Any]:
    """A manifest of a classifier, with some members changed; None takes one away."""
    told = {
        "name": "small-model",
        "version": "1",
        "task": "classify",
        "about": "Tells colours.",
        "license": "CC0-1.0",
        "model": "small.onnx",
        "sha256": hashlib.sha256(network).hexdigest(),
        "labels": ["red", "green", "blue"],
        "input": {"width": 8, "height": 8},
        **changed,
    }
    return {name: value for name, value in told.items() if value is not None}


@pytest.fixture
def manifest_of() -> Callable[..., dict[str, Any]]:
    return told_of


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a network over a picture, checked as a unit checks it."""

    def ran(
        network: bytes,
        image: Image.Image,
        region: Box | None = None,
        parameters: Mapping[str, Any] | None = None,
        **changed: Any,
    ) -> Sequence[Finding]:
        (tmp_path / "small.onnx").write_bytes(network)
        manifest = json.dumps(told_of(network, **changed)).encode()
        (tmp_path / "small.json").write_bytes(manifest)
        analyzer = analyzer_of(manifest)
        whole = whole_parameters(analyzer.description, parameters or {})
        files = {"manifest": tmp_path / "small.json", "network": tmp_path / "small.onnx"}
        stream = io.BytesIO()
        image.save(stream, "PNG")
        picture = Picture(Digest.of(stream.getvalue()), stream.getvalue(), region)
        findings = analyzer.prepare(whole, files)(picture)
        check_findings(findings, analyzer.description.kinds, picture.size)
        return findings

    return ran
