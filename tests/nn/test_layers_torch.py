"""Layers give PyTorch's outputs, gradients, buffers, states and printed form, in all options."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")

TOLERANCE = {"rtol": 1e-10, "atol": 1e-11}


class Layer(NamedTuple):
    """A layer, the shapes of the inputs to try it on, and whether it trains."""

    name: str
    arguments: tuple[Any, ...]
    settings: dict[str, Any]
    shapes: tuple[Any, ...]
    train: bool = True

    def __str__(self) -> str:
        settings = "-".join(f"{k}={v}" for k, v in self.settings.items())
        mode = "train" if self.train else "eval"
        return "-".join(map(str, filter(None, [self.name, *self.arguments, settings, mode])))


def layer(name: str, *arguments: Any, on: Any, train: bool = True, **settings: Any) -> Layer:
    shapes = on if isinstance(on, list) else [on]
    return Layer(name, arguments, settings, tuple(shapes), train)


def both_modes(name: str, *arguments: Any, on: Any, **settings: Any) -> list[Layer]:
    return [layer(name, *arguments, on=on, train=train, **settings) for train in (True, False)]


LAYERS = [
    layer("Identity", 3, on=(2, 3)),
    layer("Flatten", on=(2, 3, 4)),
    layer("Flatten", 0, on=(2, 3, 4)),
    layer("Flatten", 1, 2, on=(2, 3, 4, 5)),
    layer("Flatten", -2, on=(2, 3, 4, 5)),
    layer("Unflatten", 1, (2, 3), on=(2, 6)),
    layer("Unflatten", -1, (-1, 3), on=(2, 6)),
    layer("Unflatten", 0, (2, 1, 2), on=(4, 6)),
    layer("Linear", 3, 4, on=(2, 5, 3)),
    layer("Linear", 3, 4, bias=False, on=(3,)),
    layer("Bilinear", 3, 4, 2, on=[(5, 3), (5, 4)]),
    layer("Bilinear", 3, 4, 2, bias=False, on=[(2, 5, 3), (2, 5, 4)]),
    *both_modes("BatchNorm1d", 3, on=(4, 3)),
    *both_modes("BatchNorm1d", 3, on=(4, 3, 2)),
    *both_modes("BatchNorm1d", 3, on=(1, 3, 2), affine=False, eps=1e-3),
    *both_modes("BatchNorm1d", 3, on=(4, 3), track_running_stats=False),
    *both_modes("BatchNorm2d", 3, on=(2, 3, 4, 5), momentum=None, bias=False),
    *both_modes("BatchNorm2d", 3, on=(2, 3, 4, 5), momentum=0.3, affine=False),
    *both_modes("BatchNorm3d", 2, on=(2, 2, 3, 2, 2)),
    *both_modes("InstanceNorm1d", 3, on=(2, 3, 4)),
    *both_modes("InstanceNorm1d", 3, on=(3, 4), affine=True),
    *both_modes("InstanceNorm2d", 3, on=(2, 3, 4, 5), affine=True, track_running_stats=True),
    *both_modes("InstanceNorm2d", 3, on=(3, 4, 5), momentum=0.4, track_running_stats=True),
    layer("LayerNorm", 4, on=(2, 3, 4)),
    layer("LayerNorm", (3, 4), on=(2, 3, 4), eps=1e-2),
    layer("LayerNorm", [4], on=(4,), elementwise_affine=False),
    layer("LayerNorm", 4, on=(2, 4), bias=False),
    layer("RMSNorm", 4, on=(2, 3, 4)),
    layer("RMSNorm", (3, 4), on=(2, 3, 4), eps=1e-2, elementwise_affine=False),
    layer("GroupNorm", 2, 4, on=(3, 4, 5)),
    layer("GroupNorm", 1, 4, on=(3, 4), bias=False),
    layer("GroupNorm", 4, 4, on=(3, 4, 2, 2), affine=False, eps=1e-3),
    layer("RNN", 3, 4, on=(5, 2, 3)),
    layer("RNN", 3, 4, on=(5, 3), nonlinearity="relu", bidirectional=True),
    layer("RNN", 3, 4, 2, "relu", on=[(5, 2, 3), (2, 2, 4)], bias=False),
    layer("RNN", 3, 2, on=[(4, 3), (1, 2)]),
    layer("GRU", 3, 4, on=(5, 2, 3)),
    layer("GRU", 3, 2, 2, on=[(2, 3, 3), (4, 2, 2)], bidirectional=True, batch_first=True),
    layer("GRU", 3, 2, on=(1, 2, 3), bias=False),
    layer("LSTM", 3, 4, on=(5, 2, 3)),
    layer("LSTM", 3, 2, 2, on=(2, 3, 3), bidirectional=True, batch_first=True),
    layer("LSTM", 3, 2, on=(2, 2, 3), bias=False),
    layer("LSTM", 3, 2, 3, on=(3, 3)),
    layer("RNNCell", 3, 4, on=(2, 3)),
    layer("RNNCell", 3, 4, on=[(3,), (4,)], nonlinearity="relu", bias=False),
    layer("GRUCell", 3, 4, on=[(2, 3), (2, 4)]),
    layer("GRUCell", 3, 4, on=(3,), bias=False),
    layer("LSTMCell", 3, 4, on=(2, 3)),
    layer("LSTMCell", 3, 4, on=(3,), bias=False),
]


def pair(case: Layer) -> tuple[Any, Any]:
    """Return the layer here and there, with the same random parameters and buffers."""
    generator = np.random.default_rng(1)
    theirs = getattr(torch.nn, case.name)(*case.arguments, **case.settings).double()
    with torch.no_grad():
        for tensor in theirs.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.tensor(generator.uniform(0.5, 1.5, tuple(tensor.shape))))
    ours = getattr(nn, case.name)(*case.arguments, **case.settings)
    assert ours.load_state_dict(theirs.state_dict()) == ([], [])
    return ours.train(case.train), theirs.train(case.train)


def same(ours: Any, theirs: Any) -> None:
    ours = ours.numpy() if isinstance(ours, tg.Tensor) else ours
    np.testing.assert_allclose(ours, theirs.detach().numpy(), **TOLERANCE, strict=True)


def listed(y: Any) -> list[Any]:
    """Return the outputs of a layer, which may be nested, one after the other."""
    return [each for part in y for each in listed(part)] if isinstance(y, tuple) else [y]


@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_outputs_gradients_and_buffers_are_the_same_for_two_calls(case: Layer) -> None:
    ours, theirs = pair(case)
    generator = np.random.default_rng(2)
    for _ in range(2):  # running averages move
        arrays = [generator.normal(size=shape) * 2 + 1 for shape in case.shapes]
        x, x_there = [tg.Tensor(a, True) for a in arrays], [torch.tensor(a) for a in arrays]
        total: Any = 0.0
        total_there: Any = 0.0
        outputs = listed(ours(*x)), listed(theirs(*(t.requires_grad_() for t in x_there)))
        for y, y_there in zip(*outputs, strict=True):
            same(y, y_there)
            weights = generator.normal(size=y.shape)
            total = total + (y * weights).sum()
            total_there = total_there + (y_there * torch.tensor(weights)).sum()
        total.backward()
        total_there.backward()
        for a, b in zip(x, x_there):
            same(a.grad, b.grad)
    for a, b in zip(ours.parameters(), theirs.parameters()):
        same(a.grad, b.grad)
    for (name, a), (name_there, b) in zip(ours.named_buffers(), theirs.named_buffers()):
        assert name == name_there
        same(a, b)


@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_states_and_printed_forms_are_the_same(case: Layer) -> None:
    ours, theirs = pair(case)
    assert repr(ours) == repr(theirs)
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    for name, array in ours.state_dict().items():
        assert array.shape == tuple(state[name].shape)
        assert str(array.dtype) == str(state[name].dtype).split(".")[1]


SMALL = [case for case in LAYERS if np.prod(case.shapes[0]) <= 24 and not case.settings.get("bias")]


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_second_derivatives_are_those_that_numbers_give(case: Layer) -> None:
    ours, _ = pair(case)
    generator = np.random.default_rng(3)
    arrays = [generator.normal(size=shape) for shape in case.shapes]
    assert tg.check_grad(lambda *x: tuple(listed(ours(*x))), *arrays)


DRAWN = [layer("Linear", 50, 400, on=()), layer("Bilinear", 40, 20, 300, on=()),
    layer("LSTM", 30, 50, 2, on=()), layer("GRUCell", 30, 50, on=())]  # fmt: skip


@pytest.mark.parametrize("case", DRAWN, ids=str)
def test_the_initial_values_have_the_same_distribution(case: Layer) -> None:
    torch.manual_seed(0)
    tg.manual_seed(0)
    ours = getattr(nn, case.name)(*case.arguments, **case.settings)
    theirs = getattr(torch.nn, case.name)(*case.arguments, **case.settings)
    for (name, a), (name_there, b) in zip(ours.named_parameters(), theirs.named_parameters()):
        assert name == name_there
        ends, scale = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0], 1e-12 + float(b.detach().abs().max())
        expected = np.quantile(b.detach().numpy(), ends)
        np.testing.assert_allclose(np.quantile(a.numpy(), ends), expected, atol=0.4 * scale)
