"""How a network is run: one thread, one level of optimisation, so that its bits can be had again.

onnxruntime gave identical bits across processes, threads and sizes of batches, but not across levels of
optimisation. The level is fixed here, in code that is part of every analyzer's identity; its version is in
the environment that such an analyzer declares. At this level kernels are chosen by what the processor can do:
bits are the same on processors of one kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import UnsuitableModel

RUNTIME: Final = "onnxruntime"  # for `Description.environment`


class Session:
    """A network that is ready to run.

    Args:
        path: An ONNX file. Weights in other files are not read.

    Raises:
        UnsuitableModel: It is damaged, or no network that can be run here.
    """

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 4
        # Memory that one picture took is kept for the next, but no more than was asked for.
        provider = ("CPUExecutionProvider", {"arena_extend_strategy": "kSameAsRequested"})
        try:
            # From bytes, so that the file names no other file beside it.
            self._session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=[provider])
        except Exception as error:  # its exceptions have no common root
            raise UnsuitableModel(f"The model {path.name} cannot be run: {_first_line(error)}") from error

    @property
    def inputs(self) -> Mapping[str, Sequence[Any]]:
        """Each input's sides; one that may vary is text or None."""
        return {one.name: tuple(one.shape) for one in self._session.get_inputs()}

    @property
    def outputs(self) -> Mapping[str, Sequence[Any]]:
        """Each output's sides."""
        return {one.name: tuple(one.shape) for one in self._session.get_outputs()}

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the file says of itself."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, **inputs: npt.NDArray[np.float32]) -> list[npt.NDArray[Any]]:
        """All outputs, in the file's order."""
        found: list[npt.NDArray[Any]] = self._session.run(None, inputs)
        return found


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]
