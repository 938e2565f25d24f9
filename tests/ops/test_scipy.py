"""Where SciPy is installed, its ufuncs take Tensors, and their derivatives agree with numbers."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.op import REGISTRY
from tinygrad_edu.ops.scipy_ufuncs import TABLE

scipy_special = pytest.importorskip(
    "scipy.special", reason="SciPy is not needed to use this package"
)
CALLS = [
    pytest.param(name, case, id=f"{name}-{number}")
    for name, entry in TABLE.items()
    if hasattr(scipy_special, name)
    for number, case in enumerate(entry["cases"])
]


def sample(case: Any) -> list[Any]:
    return case.draw(np.random.default_rng(7))


@pytest.mark.parametrize(("name", "case"), CALLS)
def test_a_ufunc_of_scipy_computes_what_it_always_does(name: str, case: Any) -> None:
    ufunc, arrays = getattr(scipy_special, name), sample(case)
    y = ufunc(*arrays[:-1], tg.Tensor(arrays[-1], requires_grad=True))
    np.testing.assert_array_equal(y.numpy(), ufunc(*arrays))
    assert y.requires_grad
    assert y.node.op.name == f"scipy.special.{name}"


@pytest.mark.parametrize("name", [name for name in TABLE if hasattr(scipy_special, name)])
def test_derivatives_agree_with_numbers_to_second_order(name: str) -> None:
    ufunc, entry = getattr(scipy_special, name), TABLE[name]
    for case in entry["cases"][:4]:
        arrays = sample(case)
        orders = arrays[: len(arrays) - 1 if "x" in entry else 0]
        floats = arrays[len(orders) :]
        assert tg.check_grad(lambda *x, n=orders: ufunc(*n, *x), *floats, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["erf", "j0", "gammaln", "expit", "i1e"])
def test_single_precision_stays_single(name: str) -> None:
    x = tg.Tensor([0.5, 1.5], requires_grad=True, dtype=np.float32)
    y = getattr(scipy_special, name)(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("name", ["j1", "i1", "i0e"])
def test_bessel_functions_are_differentiable_at_0(name: str) -> None:
    ufunc = getattr(scipy_special, name)
    if name == "i0e":  # it has a kink there
        x = tg.Tensor([0.0], requires_grad=True)
        ufunc(x).sum().backward()
        assert x.grad.tolist() == [0.0]
    else:
        assert tg.check_grad(ufunc, [0.0])


def test_the_gradient_for_the_order_of_a_bessel_function_is_refused_not_lost() -> None:
    order, x = tg.Tensor([1.5], requires_grad=True), tg.Tensor([0.5], requires_grad=True)
    y = scipy_special.jv(order, x)
    with pytest.raises(TypeError, match=r"jv for n.*detach"):
        y.sum().backward()
    assert x.grad is None


def test_own_functions_agree_with_scipys() -> None:
    x = np.random.default_rng(1).uniform(0.05, 0.95, 100)
    own = tg.special
    for name in ("erf", "erfc", "gammaln", "digamma", "expit", "logit"):
        expected = getattr(scipy_special, name)(x)
        np.testing.assert_allclose(getattr(own, name)(x), expected, rtol=1e-14)
    for name in ("logsumexp", "softmax", "log_softmax"):
        expected = getattr(scipy_special, name)(x.reshape(10, 10), axis=1)
        got = getattr(own, name)(x.reshape(10, 10), axis=1)
        np.testing.assert_allclose(got, expected, rtol=1e-14)
    np.testing.assert_allclose(own.xlogy(x, x[::-1]), scipy_special.xlogy(x, x[::-1]), rtol=1e-14)
    expected = scipy_special.polygamma(3, x)
    np.testing.assert_allclose(own.polygamma(3, x), expected, rtol=1e-13)


def test_ufuncs_of_scipy_have_their_methods() -> None:
    x = tg.Tensor([0.5, 0.7, 0.9], requires_grad=True)
    y = scipy_special.xlogy.outer(x, x)
    np.testing.assert_array_equal(y.numpy(), scipy_special.xlogy.outer(x.numpy(), x.numpy()))
    assert tg.check_grad(lambda x: scipy_special.kl_div.outer(x, [0.3, 0.4]), x)
    assert tg.check_grad(scipy_special.rel_entr.reduce, [0.9, 0.8, 0.7])


def test_a_ufunc_of_scipy_without_a_rule_is_refused() -> None:
    with pytest.raises(TypeError, match="no derivative rule"):
        scipy_special.wofz(tg.Tensor([0.5], requires_grad=True))


def test_a_tensor_without_history_passes_through_every_ufunc_of_scipy() -> None:
    y = scipy_special.wofz(tg.Tensor([0.5]))
    assert isinstance(y, tg.Tensor)


def test_another_ufunc_of_the_same_name_is_not_mistaken_for_scipys() -> None:
    def erf(x: float) -> float:
        return x

    impostor = np.frompyfunc(erf, 1, 1)
    assert impostor.__name__.startswith("erf")
    with pytest.raises(TypeError, match="no derivative rule"):
        impostor(tg.Tensor([0.5], requires_grad=True))


def test_nobody_pays_for_scipy_who_does_not_use_it() -> None:
    code = "import sys, tinygrad_edu; print('scipy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_scipys_ufuncs_become_ops_like_all_others() -> None:
    x = tg.Tensor([0.5], requires_grad=True)
    scipy_special.j0(x)
    op = REGISTRY["scipy.special.j0"]
    assert op.forward is scipy_special.j0
    assert len(op.cases) >= 7
