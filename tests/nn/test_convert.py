"""Giving a model another dtype; and saying where it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.nn.norm import BatchNorm1d


def net() -> Any:
    shared = nn.Linear(2, 2)
    return nn.Sequential(shared, BatchNorm1d(2), shared)


@pytest.mark.parametrize(
    ("convert", "dtype"),
    [
        (lambda m: m.float(), np.float32),
        (lambda m: m.half(), np.float16),
        (lambda m: m.float().double(), np.float64),
        (lambda m: m.to("float32"), np.float32),
        (lambda m: m.to(np.float32), np.float32),
        (lambda m: m.to(dtype="float32"), np.float32),
        (lambda m: m.to("cpu", "float32"), np.float32),
        (lambda m: m.to(tg.Tensor(np.ones(1, "float32"))), np.float32),
        (lambda m: m.to("cpu"), np.float64),
        (lambda m: m.to("cpu:0"), np.float64),
        (lambda m: m.to(device="cpu"), np.float64),
        (lambda m: m.cpu(), np.float64),
        (lambda m: m.to(None), np.float64),
    ],
)
def test_parameters_and_buffers_get_the_dtype_in_place(convert: Any, dtype: Any) -> None:
    model = net()
    parameters = list(model.parameters())
    assert convert(model) is model
    assert [id(p) for p in model.parameters()] == [id(p) for p in parameters]
    assert {p.dtype for p in parameters} == {np.dtype(dtype)}
    assert model[1].running_mean.dtype == dtype
    assert model[1].num_batches_tracked.dtype == int


def test_gradients_are_converted_too_and_an_optimizer_goes_on() -> None:
    model = net()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    model(np.ones((3, 2)) * [[1], [2], [3]]).sum().backward()
    model.float()
    assert all(p.grad.dtype == np.float32 for p in model.parameters())
    before = model[0].bias.numpy().copy()
    optimizer.step()
    np.testing.assert_allclose(model[0].bias.numpy(), before - 0.1 * model[0].bias.grad.numpy())
    assert model(np.ones((2, 2), "float32")).dtype == np.float32


def test_what_was_recorded_before_stays_right() -> None:
    layer = nn.Linear(2, 1)
    x = tg.Tensor([[1.0, 2.0]], requires_grad=True)
    y, weight = layer(x), layer.weight.numpy().copy()
    layer.float()
    y.sum().backward()
    assert np.array_equal(x.grad.numpy(), weight)
    assert layer.weight.grad.dtype == np.float32


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "mps", "gpu"])
def test_another_device_is_refused_by_name(device: str) -> None:
    for call in (lambda m: m.to(device), lambda m: m.to(device=device)):
        with pytest.raises(ValueError, match=f"no device '{device}'.*CPU"):
            call(net())


@pytest.mark.parametrize("dtype", [int, "complex128", bool])
def test_a_dtype_that_cannot_learn_is_refused(dtype: Any) -> None:
    model = net()
    with pytest.raises(TypeError, match="floating-point"):
        model.to(dtype)
    assert model[0].weight.dtype == np.float64
