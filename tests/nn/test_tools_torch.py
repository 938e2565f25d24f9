"""What has no table of its own in ``test_layers_torch.py`` gives what PyTorch gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import init
from tinygrad_edu.nn.embedding import Embedding
from tinygrad_edu.nn.init.scaled import GAINS
from tinygrad_edu.nn.recurrent import LSTM
from tinygrad_edu.nn.utils import clip_grad_norm_

torch = pytest.importorskip("torch", reason="holds this package against PyTorch")


@pytest.mark.parametrize("freely", [False, True])
def test_embeddings_give_what_torch_gives(freely: bool) -> None:
    theirs = torch.nn.Embedding(5, 3, padding_idx=1, scale_grad_by_freq=freely).double()
    ours = Embedding(5, 3, padding_idx=1, scale_grad_by_freq=freely)
    ours.load_state_dict(theirs.state_dict())
    index = np.array([[0, 1, 4], [4, 4, 0]])
    y, y_there = ours(index), theirs(torch.tensor(index))
    np.testing.assert_allclose(y.numpy(), y_there.detach().numpy(), rtol=1e-15)
    (y**2).sum().backward()
    (y_there**2).sum().backward()
    np.testing.assert_allclose(ours.weight.grad.numpy(), theirs.weight.grad.numpy(), rtol=1e-12)


def test_a_pair_as_first_state_gives_what_torch_gives() -> None:
    theirs = torch.nn.LSTM(3, 4, 2, bidirectional=True).double()
    net = LSTM(3, 4, 2, bidirectional=True)
    net.load_state_dict(theirs.state_dict())
    x = np.random.default_rng(0).normal(size=(5, 2, 3))
    h, c = np.random.default_rng(1).normal(size=(2, 4, 2, 4))
    output, final = net(x, (h, c))
    there, final_there = theirs(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    np.testing.assert_allclose(output.numpy(), there.detach().numpy(), rtol=1e-10)
    for a, b in zip(final, final_there):
        np.testing.assert_allclose(a.numpy(), b.detach().numpy(), rtol=1e-10)


def test_the_printed_forms_are_those_of_torch() -> None:

    def shown(library: Any) -> str:
        make = library.nn
        layers = make.ModuleList([make.Tanh(), make.Linear(2, 1), make.Linear(2, 1)])
        return repr(make.ModuleList([layers, make.ModuleDict({"a": make.Tanh(), "b": layers})]))

    assert shown(tg) == shown(torch)


@pytest.mark.parametrize("name", [*GAINS, "leaky_relu"])
def test_gains_are_those_of_torch(name: str) -> None:
    assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), 1e-15)
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)


def test_clipping_gives_what_torch_gives() -> None:
    gradients = np.random.default_rng(0).normal(size=(3, 4)) * 3
    parameters = [nn.Parameter(np.zeros(4)) for _ in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient
    there = [torch.zeros(4, dtype=torch.float64, requires_grad=True) for _ in gradients]
    for parameter, gradient in zip(there, gradients):
        parameter.grad = torch.tensor(gradient)
    norm, norm_there = clip_grad_norm_(parameters, 1.5), torch.nn.utils.clip_grad_norm_(there, 1.5)
    np.testing.assert_allclose(float(norm), float(norm_there), rtol=1e-13)
    for a, b in zip(parameters, there):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-13)
