"""A checkpoint is read without running anything of it."""

from __future__ import annotations

import io
import os
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.errors import UnsuitableModel
from analyzers.models.checkpoint import read_checkpoint

_NUMBERS = np.arange(6, dtype="<f4")


class Named:
    """Something that is pickled as a name, which need not exist here."""

    def __init__(self, module: str, name: str, *arguments: Any) -> None:
        self.place, self.arguments = (module, name), arguments


class Storage:
    def __init__(self, type: str = "FloatStorage", key: str = "7", elements: int = 6) -> None:
        self.pid = ("storage", Named("torch", type), key, "cpu", elements, None)


class Writer(pickle._Pickler):
    """Writes names that do not exist here, as PyTorch's own pickler writes its own."""

    def persistent_id(self, obj: Any) -> Any:
        return obj.pid if isinstance(obj, Storage) else None

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if not isinstance(obj, Named):
            super().save(obj, save_persistent_id)  # type: ignore[misc]
            return
        self.write(pickle.GLOBAL + "\n".join(obj.place).encode() + b"\n")  # type: ignore[attr-defined]
        if obj.arguments:
            super().save(obj.arguments)  # type: ignore[misc]
            self.write(pickle.REDUCE)  # type: ignore[attr-defined]


def pickled(value: Any) -> bytes:
    stream = io.BytesIO()
    Writer(stream, 2).dump(value)
    return stream.getvalue()


def tensor(offset: int = 0, shape: Any = (2, 3), strides: Any = (3, 1), **storage: Any) -> Named:
    hooks: OrderedDict[str, str] = OrderedDict()
    parts = (Storage(**storage), offset, shape, strides, False, hooks)
    return Named("torch._utils", "_rebuild_tensor_v2", *parts)


def checkpoint(tensors: Any, keys: Any = ("7",), stored: Any = _NUMBERS, version: int = 1001) -> bytes:
    head = [0x1950A86A20F9469CFC6C, version, {"little_endian": True}, tensors, list(keys)]
    data: bytes = stored.tobytes()
    return b"".join(map(pickled, head)) + struct.pack("<q", len(stored)) + data


def test_a_tensor_is_a_window_onto_its_storage() -> None:
    found = read_checkpoint(
        checkpoint({"a": tensor(), "turned": tensor(0, (3, 2), (1, 3)), "b": tensor(4, (2,), (1,))})
    )
    assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["turned"].tolist() == found["a"].T.tolist()
    assert found["b"].tolist() == [4, 5]


@pytest.mark.parametrize(
    "place", [("os", "system"), ("builtins", "eval"), ("torch", "load"), ("numpy", "load")]
)
def test_what_a_pickle_wants_called_is_not_called(place: tuple[str, str]) -> None:
    told = Named(*place, "touch /tmp/never")
    with pytest.raises(UnsuitableModel, match=f"it asks for {place[0]}.{place[1]}"):
        read_checkpoint(checkpoint({"a": told}))
    assert not os.path.exists("/tmp/never")


@pytest.mark.parametrize(
    "data",
    [
        checkpoint({"a": tensor(offset=1)}),
        checkpoint({"a": tensor(offset=-1)}),
        checkpoint({"a": tensor(shape=(2, 4))}),
        checkpoint({"a": tensor(strides=(300, 1))}),
        checkpoint({"a": tensor(strides=(-3, 1))}),
        checkpoint({"a": tensor(strides=(1,))}),
        checkpoint({"a": tensor(shape=(1 << 40, 1 << 40), strides=(0, 0))}),
        checkpoint({"a": tensor(type="HalfStorage")}),
        checkpoint({"a": tensor(elements=1 << 40)}),
        checkpoint({"a": tensor()}, keys=("8",)),
        checkpoint({"a": tensor()}, keys=()),
        checkpoint({"a": tensor()}, stored=_NUMBERS[:5]),
        checkpoint({"a": 1}),
        checkpoint([tensor()]),
        checkpoint({"a": tensor()}, version=1002),
        b"PK\x03\x04 a zip, as PyTorch writes them now",
        b"",
    ],
)
def test_what_is_no_whole_checkpoint_is_refused(data: bytes) -> None:
    with pytest.raises(UnsuitableModel):
        read_checkpoint(data)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_flipped_byte_gives_tensors_or_is_refused(place: int, value: int) -> None:
    data = bytearray(checkpoint({"a": tensor(), "b": tensor(4, (2,), (1,))}))
    data[place % len(data)] = value
    try:
        found = read_checkpoint(bytes(data))
    except UnsuitableModel:
        return
    assert all(isinstance(array, np.ndarray) for array in found.values())


def test_it_reads_what_pytorch_writes(needs_package: Callable[[str], Any]) -> None:
    torch = needs_package("torch")
    whole = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    tensors = OrderedDict(
        a=whole, b=whole.permute(2, 0, 1), c=whole[1], n=torch.tensor(7), e=torch.empty(0, 3)
    )
    stream = io.BytesIO()
    torch.save(tensors, stream, _use_new_zipfile_serialization=False)
    found = read_checkpoint(stream.getvalue())
    assert {name: array.tolist() for name, array in found.items()} == {
        name: tensor.tolist() for name, tensor in tensors.items()
    }
    assert {name: array.shape for name, array in found.items()} == {
        name: tuple(tensor.shape) for name, tensor in tensors.items()
    }
