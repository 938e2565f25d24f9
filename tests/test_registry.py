"""The laws that every op must obey. A new op is tested by being there, with its sample calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from samples import calls

import tinygrad_edu as tg
from tinygrad_edu.op import REGISTRY, Case, Op

OPS = [pytest.param(op, id=name) for name, op in REGISTRY.items()]
NOT_ANALYTIC = {  # they compare numbers, take their size or conjugate, or pick real parts
    "absolute", "angle", "cbrt", "cholesky", "clip", "cofactor", "conjugate", "copysign", "eig",
    "eigh", "fabs", "fft", "fmax", "fmin", "fmod", "fraction", "heaviside", "hfft", "ifft",
    "ihfft", "imag", "irfft", "ldexp", "mantissa", "max", "maximum", "min", "minimum",
    "nextafter", "norm", "partition", "pinv", "qr", "real", "relu", "remainder", "rfft", "slogdet",
    "std", "svd", "unwrap", "var",
}  # fmt: skip
REAL_ONLY = {  # NumPy, or our own function, has no version for complex numbers
    "arctan2", "bell", "deg2rad", "degrees", "digamma", "erf", "erfc", "gammaln", "hypot",
    "log_sigmoid", "log_softmax", "logaddexp", "logaddexp2", "logsumexp", "polygamma", "rad2deg",
    "radians", "softmax", "softplus",
}  # fmt: skip
CHANGES_DTYPE = {"astype"}


CALLS = calls()
KINKS = [
    pytest.param(op, kink, id=f"{name}-{kink.at}")
    for name, op in REGISTRY.items()
    for kink in op.kinks
]


def draw(case: Case) -> list[Any]:
    return case.draw(np.random.default_rng(7))


def call(op: Op, inputs: list[Any], settings: dict[str, Any]) -> Any:
    return tg.Tensor.__record__(op, tuple(inputs), settings)


def leaves(arrays: list[Any]) -> list[tg.Tensor]:
    return [tg.Tensor(a, requires_grad=a.dtype.kind in "fc", copy=False) for a in arrays]


def outputs(y: Any) -> list[Any]:
    """List an op's outputs that gradients can come from."""
    several = list(y) if isinstance(y, tuple) else [y]
    return [part for part in several if part.dtype.kind in "fc"]


def weights(y: Any) -> Any:
    return np.random.default_rng(11).uniform(0.5, 1.5, y.shape).astype(y.dtype)


def weighted(y: Any) -> Any:
    """Combine all outputs into one real number."""
    total = sum((part * weights(part)).sum() for part in outputs(y))
    return np.real(total)


def gradients(op: Op, arrays: list[Any], case: Case, scale: float = 1.0) -> list[Any]:
    inputs = leaves(arrays)
    total = weighted(call(op, inputs, case.settings))
    total.backward(np.asarray(scale, total.dtype))
    return [x.grad.numpy() for x in inputs if x.requires_grad]


@pytest.mark.parametrize("op", OPS)
def test_every_op_brings_enough_samples(op: Op) -> None:
    assert len(op.cases) >= 7


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_a_recorded_call_computes_what_the_plain_function_does(op: Op, case: Case) -> None:
    arrays = draw(case)
    recorded = call(op, leaves(arrays), case.settings)
    plain = op.forward(*arrays, **case.settings)
    assert isinstance(recorded, tuple) == isinstance(plain, tuple)
    pairs = zip(recorded, plain) if isinstance(plain, tuple) else [(recorded, plain)]
    for y, expected in pairs:
        assert y.dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(y.numpy(), np.asarray(expected), strict=True)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_rules_agree_with_numbers_to_second_order(op: Op, case: Case) -> None:
    assert tg.check_grad(lambda *inputs: call(op, list(inputs), case.settings), *draw(case))


@pytest.mark.parametrize(("op", "case"), calls(without=NOT_ANALYTIC | REAL_ONLY | CHANGES_DTYPE))
def test_rules_agree_with_the_complex_step(op: Op, case: Case) -> None:
    """For analytic f, the imaginary part of f(x + ihv) is h f'(x)v without any cancellation."""
    arrays = draw(case)
    generator = np.random.default_rng(3)
    float_positions = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
    directions = {i: generator.normal(size=arrays[i].shape) for i in float_positions}
    stepped = [a + 1e-20j * directions[i] if i in directions else a for i, a in enumerate(arrays)]
    along = np.asarray(op.forward(*stepped, **case.settings)).imag / 1e-20
    y = np.asarray(op.forward(*arrays, **case.settings))
    by_rules = sum(
        float(np.sum(dx * directions[i]))
        for i, dx in zip(float_positions, gradients(op, arrays, case))
    )
    np.testing.assert_allclose(by_rules, np.sum(along * weights(y)), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(("op", "case"), calls(without=CHANGES_DTYPE))
def test_single_precision_stays_single(op: Op, case: Case) -> None:
    double = draw(case)
    single = [SINGLE.get(a.dtype.kind, lambda a: a)(a) for a in double]
    for y in outputs(call(op, leaves(single), case.settings)):
        assert y.dtype in (np.float32, np.complex64)
    for dx, expected in zip(gradients(op, single, case), gradients(op, double, case)):
        assert dx.dtype in (np.float32, np.complex64)
        np.testing.assert_allclose(dx, expected, rtol=2e-3, atol=2e-3)


SINGLE = {"f": lambda a: a.astype(np.float32), "c": lambda a: a.astype(np.complex64)}
LAYOUTS = {
    "reversed": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "transposed": lambda a: a.T.copy().T,
    "fortran": lambda a: np.array(a, order="F"),
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "read-only": lambda a: np.broadcast_to(a, a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("op", "case"), CALLS)
def test_the_layout_of_memory_does_not_matter(op: Op, case: Case, layout: str) -> None:
    arrays = draw(case)
    for dx, expected in zip(
        gradients(op, [np.asarray(LAYOUTS[layout](a)) for a in arrays], case),
        gradients(op, arrays, case),
    ):
        np.testing.assert_allclose(dx, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_neither_direction_changes_its_inputs(op: Op, case: Case) -> None:
    arrays = draw(case)
    before = [a.tobytes() for a in arrays]
    once = gradients(op, arrays, case)
    again = gradients(op, arrays, case)
    assert [a.tobytes() for a in arrays] == before
    assert [a.tobytes() for a in once] == [a.tobytes() for a in again]


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_gradients_are_linear_in_the_upstream_gradient(op: Op, case: Case) -> None:
    arrays = draw(case)
    once = gradients(op, arrays, case)
    for dx, doubled in zip(once, gradients(op, arrays, case, scale=2.0)):
        np.testing.assert_array_equal(doubled, 2 * dx)
    for nothing in gradients(op, arrays, case, scale=0.0):
        assert not nothing.any()


@pytest.mark.parametrize(("op", "kink"), KINKS)
def test_kinks_have_the_promised_subgradient(op: Op, kink: Any) -> None:
    inputs = [tg.Tensor(np.array(at), requires_grad=True) for at in kink.at]
    call(op, inputs, {}).sum().backward()
    for x, promised in zip(inputs, kink.gradients):
        np.testing.assert_array_equal(x.grad.numpy(), np.array(promised))


@pytest.mark.parametrize("op", [op for op in OPS if op.id != "imag"])  # of real samples, it is 0
def test_a_rule_that_is_wrong_by_a_thousandth_is_caught(op: Op) -> None:
    """The tester is tested: each rule of each op is bent a little, and must be found out."""
    for argument, rule in zip(op.arguments, op.rules):
        if rule is None:
            continue
        with pytest.raises(tg.GradientError, match="is wrong in"):
            check_all_cases(Bent(op, argument))


def check_all_cases(op: Op) -> None:
    for case in op.cases:
        tg.check_grad(lambda *x, c=case: call(op, list(x), c.settings), *draw(case), order=1)


class Bent(Op):
    """A copy of an op, with one rule that returns 1.001 times the right gradient."""

    __slots__ = ()

    def __init__(self, op: Op, argument: str) -> None:
        for slot in Op.__slots__:
            setattr(self, slot, getattr(op, slot))
        if isinstance(op.rules, tuple):
            self.rules = tuple(
                (lambda *a, r=rule, **s: r(*a, **s) * 1.001) if name == argument else rule
                for name, rule in zip(op.arguments, op.rules)
            )
        else:
            one_rule = op.rules.rule
            self.rules = type(op.rules)(lambda *a, **s: one_rule(*a, **s) * 1.001)
