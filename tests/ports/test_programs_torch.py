"""A program written for PyTorch has the same losses here, step by step, from the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ports.test_programs import HERE, PROGRAMS, Program
from ports.test_sequence_programs import SEQUENCES

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture(autouse=True)
def _in_float64() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # for sizes like these, more are much slower
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_num_threads(threads)


THERE = SimpleNamespace(
    nn=torch.nn,
    F=torch.nn.functional,
    optim=torch.optim,
    data=torch.utils.data,
    dropout=0.0,
    tensor=lambda data: torch.tensor(np.asarray(data)),
    cat=torch.cat,
    exp=torch.exp,
    tanh=torch.tanh,
    swap=torch.transpose,
    length=lambda x: torch.linalg.norm(x, dim=1),
    hide=lambda x, mask: x.masked_fill(mask, -torch.inf),
    argmax=torch.argmax,
    grad=torch.autograd.grad,
    no_grad=torch.no_grad,
)


def state(model: Any) -> dict[str, Any]:
    return {name: np.asarray(value) for name, value in model.state_dict().items()}


@pytest.mark.parametrize("program", [*PROGRAMS, *SEQUENCES], ids=lambda program: program.__name__)
def test_a_ported_program_has_the_losses_and_weights_that_it_has_in_pytorch(
    program: Program,
) -> None:
    there, here = program(THERE), program(SimpleNamespace(**{**vars(HERE), "dropout": 0.0}))
    theirs, ours = next(there), next(here)
    for name, model in theirs.items():
        assert list(state(model)) == list(state(ours[name]))
        ours[name].load_state_dict(state(model))
    np.testing.assert_allclose(list(here), list(there), rtol=1e-9, atol=1e-12)
    for name, model in theirs.items():
        for key, value in state(model).items():
            np.testing.assert_allclose(state(ours[name])[key], value, rtol=1e-7, atol=1e-9)
