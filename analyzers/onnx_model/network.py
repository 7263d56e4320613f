"""Whether a network that somebody gave may be run, and is the one that its manifest tells of.

It is looked at before onnxruntime gets it: that reads weights from whatever path a file names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from analyzers.description import Task
from analyzers.errors import UnsuitableModel
from analyzers.models.session import Session
from analyzers.onnx_model.manifest import Manifest

if TYPE_CHECKING:
    import onnx

LARGEST: Final = 2 << 30  # bytes; a file of protocol buffers cannot be larger
MOST_NODES: Final = 50_000
_DEEPEST: Final = 16
_DOMAINS: Final = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")  # what onnxruntime has by itself


def open_network(path: Path, manifest: Manifest) -> Session:
    """Load a network.

    Raises:
        UnsuitableModel: It is damaged, too large, names files outside itself, needs code that is not here, or
            takes or gives other shapes than its manifest says.
    """
    _want(path.stat().st_size < LARGEST, f"is larger than {LARGEST >> 30} GiB")
    _inspect(path.read_bytes())
    session = Session(path)
    _check_input(session, manifest)
    _check_outputs(session, manifest)
    return session


def _inspect(data: bytes) -> None:
    import onnx

    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # protocol buffers' own errors differ between their implementations
        raise UnsuitableModel(f"The network is no ONNX file: {str(error)[:200]}") from error
    _want(len(model.functions) == 0, "defines functions of its own")
    nodes = 0
    for graph in _graphs(model.graph, 0):
        nodes += len(graph.node)
        _want(nodes <= MOST_NODES, f"has more than {MOST_NODES:,} nodes")
        for node in graph.node:
            _want(node.domain in _DOMAINS, f"needs {node.domain}.{node.op_type}, which is not in onnxruntime")
        for tensor in _tensors(graph):
            _want(
                not tensor.external_data and tensor.data_location != onnx.TensorProto.EXTERNAL,
                f"keeps {tensor.name or 'a weight'} in another file; save it as one file",
            )


def _graphs(graph: onnx.GraphProto, depth: int) -> Iterator[onnx.GraphProto]:
    """A graph, and those within its nodes."""
    _want(depth < _DEEPEST, f"has graphs in graphs, {_DEEPEST} deep")
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            inner = [attribute.g, *attribute.graphs] if attribute.HasField("g") else attribute.graphs
            for one in inner:
                yield from _graphs(one, depth + 1)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    sparse = list(graph.sparse_initializer)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            sparse += [attribute.sparse_tensor, *attribute.sparse_tensors]
    for one in sparse:
        yield from (one.values, one.indices)


def _check_input(session: Session, manifest: Manifest) -> None:
    wanted = manifest.preparation
    sides = [1, 3, wanted.height, wanted.width]
    if wanted.layout == "NHWC":
        sides = [1, wanted.height, wanted.width, 3]
    _want(len(session.inputs) == 1, f"takes {len(session.inputs)} inputs, where a picture is one")
    (found,) = session.inputs.values()
    _want(_fits(found, sides), f"takes {_shown(found)}, where its manifest says {_shown(sides)}")


def _check_outputs(session: Session, manifest: Manifest) -> None:
    """As far as the file tells; what it gives is looked at again each time."""
    count = 3 if manifest.task is Task.DETECT and manifest.format == "boxes" else 1
    _want(len(session.outputs) >= count, f"gives {len(session.outputs)} outputs, where {count} are needed")
    if manifest.task is Task.DETECT:
        return
    width = len(manifest.labels) or manifest.width
    found = next(iter(session.outputs.values()))
    fixed = [side for side in found[1:] if isinstance(side, int) and side != 1]
    right = not fixed or (fixed == [width]) or width == 1
    _want(right, f"gives {_shown(found)}, where its manifest tells of {width} numbers")


def _fits(found: Sequence[Any], wanted: Sequence[int]) -> bool:
    if len(found) != len(wanted):
        return False
    pairs = zip(found, wanted, strict=True)
    return all(not isinstance(side, int) or side == want for side, want in pairs)


def _shown(sides: Sequence[Any]) -> str:
    return " x ".join("?" if not isinstance(side, int) else str(side) for side in sides)


def _want(right: bool, otherwise: str) -> None:
    if not right:
        raise UnsuitableModel(f"The network cannot be used: it {otherwise}.")
