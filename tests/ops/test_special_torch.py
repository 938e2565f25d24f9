"""Special functions, values and gradients, are PyTorch's wherever PyTorch has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import special

torch = pytest.importorskip("torch", reason="parity with PyTorch is tested where it is installed")
functional = torch.nn.functional

PAIRS: dict[str, tuple[Any, Any, float, float]] = {
    "erf": (special.erf, lambda t: torch.erf(t), -3, 3),
    "erfc": (special.erfc, lambda t: torch.erfc(t), -3, 6),
    "gammaln": (special.gammaln, lambda t: torch.lgamma(t), 0.05, 20),
    "polygamma(2)": (
        lambda x: special.polygamma(2, x), lambda t: torch.special.polygamma(2, t), 0.5, 20,
    ),
    "softplus": (special.softplus, lambda t: functional.softplus(t, threshold=1e9), -40, 40),
    "log_sigmoid": (special.log_sigmoid, functional.logsigmoid, -40, 40),
    "logit": (special.logit, lambda t: torch.logit(t), 0.01, 0.99),
    "softmax": (special.softmax, lambda t: torch.softmax(t, -1), -9, 9),
    "softmax(axis=0)": (
        lambda x: special.softmax(x, axis=0), lambda t: torch.softmax(t, 0), -9, 9,
    ),
    "log_softmax": (special.log_softmax, lambda t: torch.log_softmax(t, -1), -9, 9),
    "logsumexp": (
        lambda x: special.logsumexp(x, axis=(0, 1)), lambda t: torch.logsumexp(t, (0, 1)), -9, 9,
    ),
    "sinc": (np.sinc, lambda t: torch.sinc(t), -3, 3),
    "expm1": (np.expm1, lambda t: torch.expm1(t), -3, 3),
    "arctanh": (np.arctanh, lambda t: torch.atanh(t), -0.9, 0.9),
    "arccosh": (np.arccosh, lambda t: torch.acosh(t), 1.1, 9),
    "clip": (lambda x: np.clip(x, -1, 1), lambda t: torch.clamp(t, -1, 1), -3, 3),
    "nan_to_num": (np.nan_to_num, lambda t: torch.nan_to_num(t), -3, 3),
}  # fmt: skip
PAIRS_OF_TWO: dict[str, tuple[Any, Any]] = {
    "xlogy": (special.xlogy, lambda a, b: torch.special.xlogy(a, b)),
    "logaddexp": (np.logaddexp, lambda a, b: torch.logaddexp(a, b)),
    "logaddexp2": (np.logaddexp2, lambda a, b: torch.logaddexp2(a, b)),
    "hypot": (np.hypot, lambda a, b: torch.hypot(a, b)),
    "arctan2": (np.arctan2, lambda a, b: torch.atan2(a, b)),
    "remainder": (np.remainder, lambda a, b: torch.remainder(a, b)),
    "maximum": (np.maximum, lambda a, b: torch.maximum(a, b)),
    "fmin": (np.fmin, lambda a, b: torch.fmin(a, b)),
    "power": (np.power, lambda a, b: torch.pow(a, b)),
}


def same(ours: Any, theirs: Any, arrays: list[Any], rtol: float = 1e-10) -> None:
    x = [tg.Tensor(a, requires_grad=True) for a in arrays]
    t = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = ours(*x), theirs(*t)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), rtol=1e-10, atol=1e-12)
    weights = np.random.default_rng(1).uniform(0.5, 1.5, y.shape)
    y.backward(weights)
    z.backward(torch.tensor(weights))
    for ours_leaf, theirs_leaf in zip(x, t):
        np.testing.assert_allclose(
            ours_leaf.grad.numpy(), theirs_leaf.grad.numpy(), rtol=rtol, atol=1e-12
        )


@pytest.mark.parametrize("name", PAIRS)
def test_functions_of_one_operand_are_pytorchs(name: str) -> None:
    ours, theirs, low, high = PAIRS[name]
    same(ours, theirs, [np.random.default_rng(0).uniform(low, high, (4, 5))])


@pytest.mark.parametrize("name", PAIRS_OF_TWO)
def test_functions_of_two_operands_are_pytorchs(name: str) -> None:
    ours, theirs = PAIRS_OF_TWO[name]
    generator = np.random.default_rng(0)
    same(ours, theirs, [generator.uniform(0.1, 3, (4, 5)), generator.uniform(0.1, 3, 5)])


def test_digamma_is_pytorchs_whose_slope_has_nine_digits() -> None:
    x = np.random.default_rng(0).uniform(0.05, 20, (4, 5))
    same(special.digamma, lambda t: torch.digamma(t), [x], rtol=1e-8)


def test_at_its_bounds_clip_is_pytorchs_clamp() -> None:
    same(*PAIRS["clip"][:2], [np.array([-1.0, 1.0, 0.0, 2.0])])
