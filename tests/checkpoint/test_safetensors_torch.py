"""Weights go to PyTorch and come from it, untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.checkpoint import load, save

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("safetensors", reason="the package safetensors is not installed")


def pair():
    ours = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2))
    theirs = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Sigmoid(), torch.nn.Linear(4, 2)
    ).double()
    return ours, theirs


def test_a_model_that_is_saved_here_gives_the_same_in_pytorch(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    ours, theirs = pair()
    save(ours.state_dict(), tmp_path / "it.safetensors")
    theirs.load_state_dict(load_file(tmp_path / "it.safetensors"))
    for name, value in theirs.state_dict().items():
        assert np.array_equal(value.numpy(), ours.state_dict()[name])
    x = np.random.default_rng(0).standard_normal((5, 3))
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours(x).numpy(), expected, rtol=1e-13)


def test_a_model_that_is_saved_by_pytorch_gives_the_same_here(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    ours, theirs = pair()
    save_file(theirs.state_dict(), tmp_path / "it.safetensors")
    ours.load_state_dict(load(tmp_path / "it.safetensors"))
    for name, value in theirs.state_dict().items():
        assert np.array_equal(value.numpy(), ours.state_dict()[name])


def test_a_transposed_weight_arrives_in_its_shape(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    w = np.arange(6.0).reshape(2, 3)
    save({"w": w.T, "s": w[:, ::-2]}, tmp_path / "it.safetensors")
    loaded = load_file(tmp_path / "it.safetensors")
    assert np.array_equal(loaded["w"].numpy(), w.T)
    assert np.array_equal(loaded["s"].numpy(), w[:, ::-2])


def test_bfloat16_becomes_float32_exactly(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    values = torch.tensor([[1.0, -2.5, 3e38], [1e-40, float("inf"), 0.1]]).bfloat16()
    save_file({"w": values}, tmp_path / "it.safetensors")
    loaded = load(tmp_path / "it.safetensors")["w"]
    assert loaded.dtype == np.float32
    assert np.array_equal(loaded, values.float().numpy())
