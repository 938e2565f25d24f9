"""Every activation gives PyTorch's outputs, gradients and printed form, kinks included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import activation, functional, gate, rectifier, softmax, threshold

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")

HOMES = (activation, gate, rectifier, softmax, threshold)
MODULES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Sigmoid", (), {}),
    ("Tanh", (), {}),
    ("ReLU", (), {}),
    ("ReLU", (True,), {}),
    ("LeakyReLU", (), {}),
    ("LeakyReLU", (0.3,), {"inplace": True}),
    ("PReLU", (), {}),
    ("PReLU", (3,), {"init": 0.1}),
    ("ELU", (), {}),
    ("ELU", (2.0, True), {}),
    ("SELU", (), {}),
    ("SELU", (), {"inplace": True}),
    ("CELU", (), {}),
    ("CELU", (0.5,), {}),
    ("GELU", (), {}),
    ("GELU", (), {"approximate": "tanh"}),
    ("SiLU", (), {}),
    ("SiLU", (True,), {}),
    ("Mish", (), {}),
    ("Softplus", (), {}),
    ("Softplus", (2.0, 3.0), {}),
    ("Softsign", (), {}),
    ("Softshrink", (), {}),
    ("Softshrink", (1.5,), {}),
    ("Hardshrink", (), {}),
    ("Hardshrink", (1.5,), {}),
    ("Tanhshrink", (), {}),
    ("Hardtanh", (), {}),
    ("Hardtanh", (-2, 0.5), {}),
    ("Hardsigmoid", (), {}),
    ("Hardsigmoid", (True,), {}),
    ("Hardswish", (), {}),
    ("Hardswish", (True,), {}),
    ("ReLU6", (), {}),
    ("ReLU6", (True,), {}),
    ("LogSigmoid", (), {}),
    ("Threshold", (0.1, 20), {}),
    ("Threshold", (-1.0, 0.0, True), {}),
    ("GLU", (), {}),
    ("GLU", (0,), {}),
    ("Softmax", (1,), {}),
    ("Softmax", (), {"dim": 0}),
    ("LogSoftmax", (-1,), {}),
    ("Softmin", (1,), {}),
    ("Softmax2d", (), {}),
]


def ours_named(name: str) -> Any:
    return next(getattr(home, name) for home in HOMES if hasattr(home, name))


ROUNDED = {"Hardsigmoid": 3.1e-8}
"""How far PyTorch's derivative is from the true one: here, its 1/6 is a float32."""


def assert_same(ours: Any, theirs: Any, x: np.ndarray[Any, Any]) -> None:
    here, there = tg.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, y_there = ours(here), theirs(there.clone())
    np.testing.assert_allclose(y.numpy(), y_there.detach().numpy(), rtol=1e-10, atol=1e-12)
    dy = np.random.default_rng(1).normal(size=y.shape)
    y.backward(dy)
    y_there.backward(torch.tensor(dy))
    rtol = ROUNDED.get(type(ours).__name__, 1e-10)
    np.testing.assert_allclose(here.grad.numpy(), there.grad.numpy(), rtol=rtol, atol=1e-12)


@pytest.mark.parametrize(("name", "args", "settings"), MODULES)
def test_outputs_gradients_and_print_are_the_same(
    name: str, args: tuple[Any, ...], settings: dict[str, Any]
) -> None:
    ours = ours_named(name)(*args, **settings)
    theirs = getattr(torch.nn, name)(*args, **settings).double()
    ours.load_state_dict(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    assert_same(ours, theirs, np.random.default_rng(0).normal(0, 4, size=(4, 3, 2, 6)))
    for parameter, there in zip(ours.parameters(), theirs.parameters()):
        np.testing.assert_allclose(parameter.grad.numpy(), there.grad.numpy(), rtol=1e-10)


@pytest.mark.parametrize(("name", "args", "settings"), MODULES)
def test_kinks_and_other_round_numbers_give_the_same_subgradients(
    name: str, args: tuple[Any, ...], settings: dict[str, Any]
) -> None:
    """Every kink of every activation above lies on one of these numbers."""
    numbers = [-6, -3, -2, -1.5, -1, -0.5, -0.0, 0.0, 0.1, 0.5, 1, 1.5, 2, 3, 6, 20, 30, -30]
    x = np.broadcast_to(np.array(numbers, float)[:, None, None, None], (18, 3, 1, 2)).copy()
    ours = ours_named(name)(*args, **settings)
    theirs = getattr(torch.nn, name)(*args, **settings).double()
    ours.load_state_dict(theirs.state_dict())
    assert_same(ours, theirs, x)


@pytest.mark.parametrize("training", [True, False])
def test_rrelu_has_the_same_mean_slope_and_the_same_range(training: bool) -> None:
    ours, theirs = rectifier.RReLU(0.1, 0.5), torch.nn.RReLU(0.1, 0.5)
    assert repr(ours) == repr(theirs)
    assert repr(rectifier.RReLU(inplace=True)) == repr(torch.nn.RReLU(inplace=True))
    x = -np.ones(4000)
    here = ours.train(training)(tg.Tensor(x)).numpy()
    there = theirs.train(training)(torch.tensor(x)).numpy()
    np.testing.assert_allclose(np.sort(here), np.sort(there), atol=0.05 if training else 1e-15)


@pytest.mark.parametrize(
    ("name", "args", "settings"),
    [
        ("relu", (), {"inplace": True}),
        ("leaky_relu", (0.2, False), {}),
        ("elu", (), {"alpha": 0.7, "inplace": False}),
        ("celu", (0.75,), {}),  # PyTorch rounds alpha to float32 on the way back
        ("hardtanh", (-0.3, 0.4), {}),
        ("softplus", (), {"beta": 3}),
        ("threshold", (0.5, -1.0), {}),
        ("gelu", (), {"approximate": "tanh"}),
        ("glu", (0,), {}),
        ("softmax", (0,), {}),
        ("softmin", (), {"dim": -1}),
        ("log_softmax", (1,), {}),
        ("logsigmoid", (), {}),
        ("rrelu", (0.1, 0.2), {}),
        ("hardswish", (True,), {}),
        ("mish", (), {"inplace": True}),
    ],
)
def test_functions_take_the_same_arguments(
    name: str, args: tuple[Any, ...], settings: dict[str, Any]
) -> None:
    x = np.random.default_rng(0).normal(0, 2, size=(4, 6))
    ours, theirs = getattr(functional, name), getattr(torch.nn.functional, name)
    assert_same(lambda x: ours(x, *args, **settings), lambda x: theirs(x, *args, **settings), x)


@pytest.mark.parametrize(
    ("shape", "count"),
    [((), 1), ((3,), 1), ((2, 3), 1), ((2, 3, 4, 5), 1), ((2, 3), 3), ((2, 3, 4, 5), 3)],
)
def test_prelu_takes_the_same_shapes(shape: tuple[int, ...], count: int) -> None:
    ours, theirs = rectifier.PReLU(count), torch.nn.PReLU(count).double()
    assert_same(ours, theirs, np.random.default_rng(0).normal(size=shape))


def test_the_weights_of_prelu_travel_both_ways() -> None:
    ours = nn.Sequential(rectifier.PReLU(2))
    theirs = torch.nn.Sequential(torch.nn.PReLU(2, init=0.7))
    ours.load_state_dict(theirs.state_dict())
    assert ours.state_dict()["0.weight"].tolist() == theirs.state_dict()["0.weight"].tolist()
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
