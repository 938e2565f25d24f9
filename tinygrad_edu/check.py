"""check_grad: hold the derivatives that the rules give against those that numbers give.

The numeric derivative moves one input element a little to either side. Two step sizes are combined
so that their leading errors cancel (Richardson's extrapolation of the central difference), which
leaves about eleven correct digits: enough to see a rule that is wrong by a millionth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu import backprop
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor

ORDINALS = ("first", "second", "third", "fourth")
TOLERANCE = {"float64": (1e-6, 1e-8), "float32": (2e-3, 2e-3), "float16": (5e-2, 5e-2)}


class GradientError(AssertionError):
    """A derivative that does not agree with the numeric one."""


def check_grad(
    function: Callable[..., Any],
    *inputs: Any,
    order: int = 2,
    step: float = 1e-3,
    rtol: float | None = None,
    atol: float | None = None,
) -> bool:
    """Check a function's derivatives against numeric ones, up to the given order.

    The outputs are combined into one number with random weights; its derivative with respect to
    every element of every floating-point input is compared with

    ``(8 (L(x+h) - L(x-h)) - (L(x+2h) - L(x-2h))) / 12h``.

    Parameters
    ----------
    function : takes Tensors, and returns a Tensor or several.
    *inputs : arrays, numbers or Tensors to differentiate at; away from kinks, by more than ``2h``.
    order : 2 also checks the derivatives of the derivatives.
    step : the distance ``h``.
    rtol, atol : how far the two may differ; by default, what the inputs' dtype allows.

    Returns
    -------
    True

    Raises
    ------
    GradientError
        Naming the input, the element, both values and both errors.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 25.3.6.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> tg.check_grad(lambda x: np.tanh(x) * x, [0.5, -1.0])
    True
    """
    points = [Tensor(x.detach() if isinstance(x, Tensor) else x).data for x in inputs]
    name = getattr(function, "__name__", type(function).__name__)
    scalar = _weighted(function)
    for ordinal in ORDINALS[:order]:
        _compare(scalar, points, f"the {ordinal} derivative of {name}", step, rtol, atol)
        scalar = _weighted(_gradients_of(scalar))
    return True


def _weighted(function: Callable[..., Any]) -> Callable[..., Tensor]:
    """Turn a function of any outputs into one of a single number, with weights drawn once."""
    generator = np.random.default_rng(0)
    weights: list[Array] = []

    def scalar(*inputs: Tensor) -> Tensor:
        outputs = function(*inputs)
        outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
        for output in outputs[len(weights) :]:
            weights.append(np.asarray(generator.uniform(0.5, 1.5, output.shape), output.dtype))
        total = Tensor(np.zeros((), outputs[0].dtype))
        for output, weight in zip(outputs, weights):
            total = total + (output * weight).sum()
        return total

    return scalar


def _gradients_of(scalar: Callable[..., Tensor]) -> Callable[..., list[Tensor]]:
    """Make the function of the recorded gradients of ``scalar``, one for every float input."""

    def gradients(*inputs: Tensor) -> list[Tensor]:
        wanted = [x for x in inputs if x.requires_grad]
        y = scalar(*inputs)
        found: list[Tensor | None] = [None] * len(wanted)
        if y.requires_grad:  # else the function is constant, or has lost the gradient
            found = backprop.gradients(y, wanted, create_graph=True)
        zeros = [Tensor(np.zeros(x.shape, x.dtype)) for x in wanted]
        return [zero if dx is None else dx for zero, dx in zip(zeros, found)]

    return gradients


def _compare(
    scalar: Callable[..., Tensor],
    points: list[Array],
    what: str,
    step: float,
    rtol: float | None,
    atol: float | None,
) -> None:
    """Raise unless the recorded derivative of ``scalar`` agrees with the numeric one everywhere."""
    for position, point in enumerate(points):
        if point.dtype.kind != "f":
            continue
        by_rules = _gradients_of(scalar)(*_leaves(points))[
            sum(p.dtype.kind == "f" for p in points[:position])
        ].numpy()
        numeric = _numeric(scalar, points, position, step)
        relative, absolute = TOLERANCE[point.dtype.name]
        relative, absolute = rtol or relative, atol or absolute
        error = np.abs(by_rules - numeric)
        wrong = ~(error <= absolute + relative * np.abs(numeric))  # also where one is NaN
        if wrong.any():
            worst = np.unravel_index(np.argmax(np.where(wrong, error, -1)), wrong.shape)
            index = tuple(map(int, worst))
            raise GradientError(
                f"{what} with respect to input {position}, of shape {point.shape}, is wrong in "
                f"{wrong.sum()} of {wrong.size} elements, most of all at {list(index)}: by the "
                f"rules {by_rules[index]:.10g}, numerically {numeric[index]:.10g}; absolute error "
                f"{error[index]:.3g}, relative {error[index] / abs(numeric[index] or 1):.3g}"
            )


def _leaves(points: list[Array]) -> list[Tensor]:
    return [Tensor(point, requires_grad=point.dtype.kind == "f") for point in points]


def _numeric(
    scalar: Callable[..., Tensor], points: list[Array], position: int, step: float
) -> Array:
    """Differentiate numerically with respect to every element of one of the points."""
    wide = [p.astype(np.float64) if p.dtype.kind == "f" else p for p in points]
    derivative = np.zeros(wide[position].shape)

    def at(index: tuple[int, ...], shift: float) -> float:
        moved = [point.copy() for point in wide]
        moved[position][index] += shift
        return float(scalar(*_leaves(moved)))

    for index in np.ndindex(derivative.shape):
        near = at(index, step) - at(index, -step)
        far = at(index, 2 * step) - at(index, -2 * step)
        derivative[index] = (8 * near - far) / (12 * step)
    return derivative
