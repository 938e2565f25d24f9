"""Every module of ``nn``, compiled, computes what it computes in eager, training or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compiled_runs import module_gradients, parts
from module_samples import MODULES, NOT_CALLED

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.program.compiling import compile


def test_every_module_has_a_sample() -> None:
    names = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    assert names - NOT_CALLED == MODULES.keys()


def moved(array: Any, shift: float) -> Any:
    """Return other numbers of the same kind: labels, signs and vectors of them stay."""
    keeps = array.dtype.kind != "f" or array.ndim < 2 or set(np.unique(array)) <= {-1, 1}
    return array if keeps else array + shift


def outputs(name: str, training: bool, wrap: Any) -> Any:
    """Call a module three times; return the results, its state, and the random numbers'."""
    build, arrays = MODULES[name]
    tg.manual_seed(1)
    module = build().train(training)
    call = wrap(module)
    results = []
    for shift in (0.0, 0.03, 0.0):
        results += parts(call(*(tg.Tensor(moved(array, shift)) for array in arrays)))
    return [*results, *map(np.asarray, module.state_dict().values())], tg.get_rng_state()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", MODULES)
def test_a_compiled_module_computes_what_eager_does(name: str, training: bool) -> None:
    expected, stream = outputs(name, training, lambda module: module)
    found, our_stream = outputs(name, training, compile)
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)
    assert our_stream == stream


@pytest.mark.parametrize("name", MODULES)
def test_a_compiled_gradient_of_a_module_is_that_of_eager(name: str) -> None:
    for ours, theirs in zip(
        module_gradients(name, compile), module_gradients(name, lambda function: function)
    ):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)
