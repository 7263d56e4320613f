"""Reads the tensors of a PyTorch checkpoint without PyTorch, and without running what is pickled in it.

The format is PyTorch's first one (until 1.6): four pickles (a magic number, a version, facts of the machine,
the dictionary of tensors), a fifth with the names of storages, and for each of these the number of its
elements in eight bytes, little endian, and the elements. A pickle names functions that whoever unpickles it
is to call; here a few names are known, and all that they make is a description of a tensor.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from analyzers.errors import UnsuitableModel

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_VERSION: Final = 1001
_MOST_ELEMENTS: Final = 1 << 28
_TYPES: Final = {"FloatStorage": "<f4", "LongStorage": "<i8"}
Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Storage:
    """A run of elements that tensors look into."""

    key: str
    type: str
    elements: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A window onto a storage, in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_checkpoint(data: bytes) -> Tensors:
    """The tensors of a checkpoint, by name.

    Raises:
        UnsuitableModel: It is of another format, names what is not known here, or is damaged.
    """
    try:
        stream = io.BytesIO(data)
        _expect(_Reader(stream).load() == _MAGIC and _Reader(stream).load() == _VERSION, "another format")
        _expect(_Reader(stream).load().get("little_endian") is True, "another order of bytes")
        tensors, keys = _Reader(stream).load(), _Reader(stream).load()
        _expect(isinstance(tensors, dict) and isinstance(keys, list), "no dictionary of tensors")
        storages = _storages(stream, keys, tensors)
        return {str(name): _array(tensor, storages) for name, tensor in tensors.items()}
    except UnsuitableModel:
        raise
    except Exception as error:  # the unpickler fails in many ways over damaged bytes
        raise UnsuitableModel(f"The checkpoint is damaged: {error}") from error


class _Reader(pickle.Unpickler):
    """Makes dictionaries, numbers, text and descriptions of tensors, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
            **{("torch", type): type for type in _TYPES},
        }
        if (module, name) not in known:
            _refuse(f"it asks for {module}.{name}, which is not needed to hold numbers")
        return known[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        kind, type, key, _, elements, view = pid
        _expect(kind == "storage" and type in _TYPES and view is None, "a storage of another kind")
        _expect(isinstance(elements, int) and 0 <= elements <= _MOST_ELEMENTS, "a storage of such a size")
        return _Storage(str(key), type, elements)


def _rebuilt(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> _Tensor:
    """Stands for PyTorch's function; whether gradients are wanted, and hooks, are left aside."""
    _expect(isinstance(storage, _Storage), "a tensor without storage")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _storages(stream: io.BytesIO, keys: list[Any], tensors: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    _expect(all(isinstance(tensor, _Tensor) for tensor in tensors.values()), "something that is no tensor")
    described = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    found = {}
    for key in map(str, keys):
        _expect(key in described, "a storage without tensor")
        type = np.dtype(_TYPES[described[key].type])
        elements = int.from_bytes(stream.read(8), "little")
        _expect(elements == described[key].elements, "a storage of another length")
        raw = stream.read(elements * type.itemsize)
        found[key] = np.frombuffer(raw, type, elements)
    return found


def _array(tensor: _Tensor, storages: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    whole = storages[tensor.storage.key]
    _expect(len(tensor.shape) == len(tensor.strides), "a tensor with other strides than sides")
    _expect(
        min((tensor.offset, *tensor.shape, *tensor.strides)) >= 0, "a tensor that begins before its storage"
    )
    last = sum((side - 1) * step for side, step in zip(tensor.shape, tensor.strides, strict=True))
    _expect(0 in tensor.shape or tensor.offset + last < len(whole), "a tensor that ends behind its storage")
    _expect(int(np.prod(tensor.shape, dtype=object)) <= _MOST_ELEMENTS, "a tensor of such a size")
    steps = [step * whole.itemsize for step in tensor.strides]
    window = np.lib.stride_tricks.as_strided(whole[tensor.offset :], tensor.shape, steps, writeable=False)
    return np.ascontiguousarray(window).reshape(tensor.shape)


def _expect(right: bool, otherwise: str) -> None:
    if not right:
        _refuse(f"it has {otherwise}")


def _refuse(why: str) -> NoReturn:
    raise UnsuitableModel(f"This is no checkpoint that could be read without PyTorch: {why}.")
