"""What must hold for every sample call of every op: each law is a function that raises if it fails.

They are functions, and not tests, so that two can use them: ``test_registry.py``, which holds every
op against them, and ``mutation/``, which spoils the rules and sees whether the laws notice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.cases import Case, Kink
from tinygrad_edu.op import Op

Law = Callable[[Op, Case], Any]

NOT_ANALYTIC = {  # they compare numbers, take their size or conjugate, or pick real parts
    "absolute", "cbrt", "cholesky", "clip", "cofactor", "conjugate", "copysign", "eig",
    "eigh", "fabs", "fft", "fmax", "fmin", "fmod", "fraction", "heaviside", "hfft", "ifft",
    "ihfft", "imag", "irfft", "ldexp", "mantissa", "max", "max_pool", "maximum", "min", "minimum",
    "nextafter", "norm", "partition", "pinv", "qr", "real", "relu", "remainder",
    "replace_nonfinite", "rfft", "slogdet", "standardize", "std", "svd", "unstack", "unwrap", "var",
}  # fmt: skip
REAL_ONLY = {  # NumPy, or our own function, has no version for complex numbers
    "arctan2", "bell", "deg2rad", "degrees", "digamma", "erf", "erfc", "gammaln", "gelu",
    "hypot", "i0", "log_sigmoid", "log_softmax", "logaddexp", "logaddexp2", "logsumexp",
    "normal_cdf", "polygamma", "rad2deg", "radians", "softmax", "softplus", "softsign",
}  # fmt: skip
CHANGES_DTYPE = {"astype"}
WITHOUT_COMPLEX_STEP = NOT_ANALYTIC | REAL_ONLY | CHANGES_DTYPE

WITHOUT_PHASES: dict[str, Callable[..., Any]] = {
    "eigh": lambda y: (y[0], y[1] * np.conj(y[1])),
    "svd": lambda y: (y[1], y[0] * np.conj(y[0]), y[2] * np.conj(y[2]), polar(*y)),
}
ONCE_WHERE_COMPLEX = {"cofactor"}  # twice only if no two singular values are equal

SINGLE = {"f": lambda a: a.astype(np.float32), "c": lambda a: a.astype(np.complex64)}
LAYOUTS = {
    "reversed": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "transposed": lambda a: a.T.copy().T,
    "fortran": lambda a: np.array(a, order="F"),
    "byte-swapped": lambda a: a.astype(a.dtype.newbyteorder()),
    "read-only": lambda a: np.broadcast_to(a, a.shape),
}


# ------------------------------------------------------------------------------ calling an op
def draw(case: Case) -> list[Any]:
    return case.draw(np.random.default_rng(7))


def draw_complex(case: Case) -> list[Any]:
    """Draw the same numbers, turned a little into the complex plane."""
    generator = np.random.default_rng(5)
    return [
        a * np.exp(1j * generator.uniform(-0.3, 0.3, a.shape)) if a.dtype.kind == "f" else a
        for a in draw(case)
    ]


def takes(op: Op, arrays: list[Any], case: Case) -> bool:
    """Tell whether an op takes arrays of such a kind."""
    try:
        op.forward(*arrays, **case.settings)
    except (TypeError, ValueError):
        return False
    return True


def call(op: Op, inputs: Any, settings: dict[str, Any]) -> Any:
    return tg.Tensor.__record__(op, tuple(inputs), settings)


def leaves(arrays: list[Any]) -> list[tg.Tensor]:
    return [tg.Tensor(a, requires_grad=a.dtype.kind in "fc", copy=False) for a in arrays]


def outputs(y: Any) -> list[Any]:
    """List an op's outputs that gradients can come from."""
    several = list(y) if isinstance(y, tuple) else [y]
    return [part for part in several if part.dtype.kind in "fc"]


def plain(op: Op, arrays: list[Any], case: Case) -> Any:
    """Call an op's function on arrays, and make arrays of what it returns."""
    y = op.forward(*arrays, **case.settings)
    return tuple(map(np.asarray, y)) if isinstance(y, tuple) else np.asarray(y)


def weights(y: Any) -> Any:
    return np.random.default_rng(11).uniform(0.5, 1.5, y.shape).astype(y.dtype)


def gradients(op: Op, arrays: list[Any], case: Case, scale: float = 1.0) -> list[Any]:
    """Walk back from all outputs at once, without another op that might be wrong as well."""
    inputs = leaves(arrays)
    wanted = [x for x in inputs if x.requires_grad]
    several = outputs(call(op, inputs, case.settings))
    start = [scale * weights(y) for y in several]
    found = tg.autograd.grad(several, wanted, start, allow_unused=True)
    return [
        np.zeros(x.shape, x.dtype) if dx is None else dx.numpy() for x, dx in zip(wanted, found)
    ]


def relative_error(found: Any, expected: Any, least: float = 1e-150) -> float:
    """Return the largest difference, in units of the largest element that there should be.

    ``least`` is the smallest unit, for arrays that should be 0 but for rounding.
    """
    expected = np.asarray(expected)
    found = np.broadcast_to(found, expected.shape) if np.ndim(found) == 0 else np.asarray(found)
    assert found.shape == expected.shape
    if not expected.size:
        return 0.0
    return float(np.abs(found - expected).max() / max(np.abs(expected).max(), least))


def polar(u: Any, s: Any, vh: Any) -> Any:
    """Multiply singular vectors such that their common phases cancel."""
    return u[..., : s.shape[-1]] @ vh[..., : s.shape[-1], :]


# -------------------------------------------------------------------------------------- laws
def recording_changes_no_value(op: Op, case: Case) -> None:
    arrays = draw(case)
    recorded = call(op, leaves(arrays), case.settings)
    plain = op.forward(*arrays, **case.settings)
    assert isinstance(recorded, tuple) == isinstance(plain, tuple)
    pairs = zip(recorded, plain) if isinstance(plain, tuple) else [(recorded, plain)]
    for y, expected in pairs:
        assert y.dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(y.numpy(), np.asarray(expected), strict=True)


def agrees_with_numbers(op: Op, case: Case) -> None:
    """To second order."""
    assert tg.check_grad(lambda *inputs: call(op, inputs, case.settings), *draw(case))


def each_output_alone_agrees_with_numbers(op: Op, case: Case) -> None:
    """For what an op with several outputs may leave out when only one of them is used."""
    arrays = draw(case)
    y = op.forward(*arrays, **case.settings)
    for i in range(len(y)) if isinstance(y, tuple) else ():
        tg.check_grad(lambda *inputs, i=i: call(op, inputs, case.settings)[i], *arrays, order=1)


def agrees_with_the_complex_step(op: Op, case: Case) -> float:
    """For analytic f, the imaginary part of f(x + ih) is h f'(x), without any cancellation.

    Returns the largest relative error.
    """
    arrays = draw(case)
    weight = [weights(y) for y in outputs(plain(op, arrays, case))]
    found = iter(gradients(op, arrays, case))
    worst = 0.0
    for position, x in enumerate(arrays):
        if x.dtype.kind != "f":
            continue
        expected = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            moved = [a.astype(complex) if a.dtype.kind == "f" else a for a in arrays]
            moved[position][index] += 1e-20j
            parts = outputs(plain(op, moved, case))
            expected[index] = sum((y.imag / 1e-20 * w).sum() for y, w in zip(parts, weight))
        worst = max(worst, relative_error(next(found), expected))
    assert worst < 1e-9
    return worst


def agrees_with_numbers_where_complex(op: Op, case: Case) -> bool:
    """Of what singular and eigenvectors are, only what does not depend on their phases.

    Returns whether the op takes complex numbers at all.
    """
    arrays = draw_complex(case)
    if not takes(op, arrays, case):
        return False
    seen = WITHOUT_PHASES.get(op.name, lambda y: y)
    order = 1 if op.name in ONCE_WHERE_COMPLEX else 2
    function = lambda *inputs: seen(call(op, inputs, case.settings))
    return tg.check_grad(function, *arrays, order=order)


def single_precision_stays_single(op: Op, case: Case) -> None:
    double = draw(case)
    single = [SINGLE.get(a.dtype.kind, lambda a: a)(a) for a in double]
    for y in outputs(call(op, leaves(single), case.settings)):
        assert y.dtype in (np.float32, np.complex64)
    for dx, expected in zip(gradients(op, single, case), gradients(op, double, case)):
        assert dx.dtype in (np.float32, np.complex64)
        np.testing.assert_allclose(dx, expected, rtol=2e-3, atol=2e-3)


def layout_does_not_matter(op: Op, case: Case) -> None:
    arrays = draw(case)
    expected = gradients(op, arrays, case)
    for change in LAYOUTS.values():
        laid_out = [np.asarray(change(a)) for a in arrays]
        for dx, once in zip(gradients(op, laid_out, case), expected):
            np.testing.assert_allclose(dx, once, rtol=1e-12, atol=1e-15)


def python_numbers_do_as_well(op: Op, case: Case) -> None:
    """In place of arrays without axes, beside another one that is an array."""
    arrays = draw(case)
    expected = gradients(op, arrays, case)
    for position in numbers_among(arrays):
        inputs: list[Any] = leaves(arrays)
        inputs[position] = arrays[position].item()
        several = outputs(call(op, inputs, case.settings))
        wanted = [x for x in inputs if isinstance(x, tg.Tensor) and x.requires_grad]
        start = [weights(y) for y in several]
        found = tg.autograd.grad(several, wanted, start, allow_unused=True)
        rest = [dx for i, dx in enumerate(expected) if i != position]
        for dx, expected_dx in zip(found, rest):
            assert relative_error(0 if dx is None else dx.numpy(), expected_dx) < 1e-14


def numbers_among(arrays: list[Any]) -> list[int]:
    """List the inputs that could be Python numbers: without axes, but not without company."""
    if not all(a.dtype.kind == "f" for a in arrays) or all(a.ndim == 0 for a in arrays):
        return []
    return [i for i, a in enumerate(arrays) if a.ndim == 0]


def changes_nothing_it_is_given(op: Op, case: Case) -> None:
    arrays = draw(case)
    before = [a.tobytes() for a in arrays]
    once = gradients(op, arrays, case)
    again = gradients(op, arrays, case)
    assert [a.tobytes() for a in arrays] == before
    assert [a.tobytes() for a in once] == [a.tobytes() for a in again]


def is_linear_in_the_upstream_gradient(op: Op, case: Case) -> None:
    arrays = draw(case)
    once = gradients(op, arrays, case)
    for dx, doubled in zip(once, gradients(op, arrays, case, scale=2.0)):
        np.testing.assert_array_equal(doubled, 2 * dx)
    for nothing in gradients(op, arrays, case, scale=0.0):
        assert not nothing.any()


def kink_is_as_promised(op: Op, kink: Kink) -> None:
    inputs = [tg.Tensor(np.array(at), requires_grad=True) for at in kink.at]
    call(op, inputs, {}).sum().backward()
    for x, promised in zip(inputs, kink.gradients):
        if promised is None:
            assert x.grad is None
        else:
            assert x.grad is not None
            np.testing.assert_array_equal(x.grad.numpy(), np.array(promised))
