"""check_grad: hold the derivatives that the rules give against those that numbers give.

The numeric derivative moves one input element a little to either side. Two step sizes are combined
so that their leading errors cancel (Richardson's extrapolation of the central difference), which
leaves about eleven correct digits: enough to see a rule that is wrong by a millionth.

Read next: ``diagnose.py``, which tells from how a gradient is wrong what may be wrong with it, and
``compare.py``, which checks gradients that were derived by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import diagnose
from tinygrad_edu.autograd import grad
from tinygrad_edu.op import Array, Node
from tinygrad_edu.tensor import Tensor

ORDINALS = ("first", "second", "third", "fourth")
TOLERANCE = {"float32": (2e-3, 2e-3), "float16": (5e-2, 5e-2)}
TOLERANCE["complex64"] = TOLERANCE["float32"]
DOUBLE = (1e-6, 1e-8)
MOST_SUSPECTS = 200  # calls to check one by one after a failure


class GradientError(AssertionError):
    """A derivative that does not agree with the numeric one.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> @tg.differentiable(x=lambda dy, y, x: dy * x)  # it should be 2 * x
    ... def squared_wrongly(x):
    ...     return x * x
    >>> try:
    ...     tg.check_grad(squared_wrongly, np.array([1.0, 2.0]))
    ... except tg.GradientError:
    ...     print("a factor is missing")
    a factor is missing
    """


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
        Naming the function and, if one can be found, the op whose rule is wrong; the input, the
        element, both values and both errors; and the likely cause, where it shows.

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
    points = [Tensor(x.detach() if isinstance(x, Tensor) else x).numpy() for x in inputs]
    if not any(map(_is_float, points)):
        kinds = ", ".join(str(point.dtype) for point in points) or "none"
        raise TypeError(
            f"check_grad differentiates with respect to floating-point inputs, and there is none "
            f"(given: {kinds}); write 1.0 instead of 1, or use .astype(float)"
        )
    checker = Checker(step, rtol, atol)
    scalar = _weighted(function)
    for number, ordinal in enumerate(ORDINALS[:order]):
        wrong = checker.compare(scalar, points)
        if wrong is not None:
            name = getattr(function, "__name__", type(function).__name__)
            raise GradientError(
                f"the {ordinal} derivative of {name} with respect to input {wrong.position}, of "
                f"shape {wrong.numeric.shape}, {wrong.describe('by the rules', 'numerically')}"
                + checker.cause(function, scalar, points, wrong, number + 1)
            )
        scalar = _weighted(_gradients_of(scalar))
    return True


class Mismatch(NamedTuple):
    """A derivative that came out differently by the rules and numerically."""

    position: int
    by_rules: Array
    numeric: Array
    wrong: Array

    @property
    def worst(self) -> tuple[int, ...]:
        """The element where the two differ most."""
        error = np.where(self.wrong, np.abs(self.by_rules - self.numeric), -1)
        found = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error)), error.shape)
        return tuple(map(int, found))

    def describe(self, ours: str, theirs: str) -> str:
        """Say which elements are wrong, and by how much."""
        value, right = self.by_rules[self.worst], self.numeric[self.worst]
        error = abs(value - right)
        return (
            f"is wrong in {self.wrong.sum()} of {self.wrong.size} elements, most of all at "
            f"{list(self.worst)}: {ours} {value:.10g}, {theirs} {right:.10g}; absolute error "
            f"{error:.3g}, relative {error / abs(right or 1):.3g}"
        )


class Checker:
    """How a comparison is made: with which step, and how exactly."""

    def __init__(self, step: float, rtol: float | None, atol: float | None) -> None:
        self.step, self.rtol, self.atol = step, rtol, atol

    def compare(self, scalar: Callable[..., Tensor], points: list[Any]) -> Mismatch | None:
        """Return the first input whose recorded derivative is not the numeric one, or None."""
        found = iter(_gradients_of(scalar)(*_leaves(points)))
        for position, point in enumerate(points):
            if point.dtype.kind not in "fc":
                continue
            by_rules = next(found).numpy()
            numeric = _numeric(scalar, points, position, self.step)
            relative, absolute = TOLERANCE.get(point.dtype.name, DOUBLE)
            relative, absolute = self.rtol or relative, self.atol or absolute
            error = np.abs(by_rules - numeric)
            wrong = ~(error <= absolute + relative * np.abs(numeric))  # also where one is NaN
            if wrong.any():
                return Mismatch(position, by_rules, numeric, wrong)
        return None

    def cause(
        self,
        function: Callable[..., Any],
        scalar: Callable[..., Tensor],
        points: list[Any],
        wrong: Mismatch,
        order: int,
    ) -> str:
        """Look for the reason of a mismatch: in one of the ops, else in the function as a whole."""
        if not np.isfinite(wrong.numeric).all():
            return "; likely cause: the function itself is NaN or infinite near this point"
        if float(scalar(*_leaves(points))) != float(scalar(*_leaves(points))):
            return "; likely cause: the function gives another result each time; fix its seed"
        small = _element(scalar, points, wrong.position, wrong.worst, self.step / 100)
        if abs(small - wrong.by_rules[wrong.worst]) <= 1e-3 * abs(small):
            return (
                "; likely cause: there is a kink, a jump or a strong bend near this point, for "
                "with a smaller step both agree; choose another point, or a smaller step="
            )
        if _has_kink(scalar, points, wrong, self.step):
            return (
                "; likely cause: there is a kink at this very point: to the left and to the right "
                "of it the slope is another; check away from it"
            )
        for node in _nodes_of(function, points):
            found = self._alone(node, order)
            if found is not None:
                return found
        why = diagnose.lost_on_the_way(wrong.by_rules, order, in_a_rule=False)
        return f"; likely cause: {why}"

    def _alone(self, node: Node, order: int) -> str | None:
        """Check one recorded call on its own; explain what is wrong with its rules, if any is."""
        positions = [i for i, x in enumerate(node.arrays) if _is_float(x)]

        def call(*inputs: Any) -> Any:
            arrays = list(node.arrays)
            for position, x in zip(positions, inputs):
                arrays[position] = x
            return Tensor.__record__(node.op, tuple(arrays), node.settings)

        scalar: Any = _weighted(call)
        for _ in range(order - 1):
            scalar = _weighted(_gradients_of(scalar))
        wrong = self.compare(scalar, [node.arrays[i] for i in positions])
        if wrong is None:
            return None
        position = positions[wrong.position]
        why = diagnose.lost_on_the_way(wrong.by_rules, order, in_a_rule=True)
        if why is None:
            y = node.y if order == 1 else None
            why = diagnose.likely_cause(wrong.by_rules, wrong.numeric, node.arrays[position], y)
        where = f"; the rule of {node.op.name} for {node.op.argument(position)} is at fault"
        return where + (f"; likely cause: {why}" if why else "")


def _weighted(function: Callable[..., Any]) -> Callable[..., Tensor]:
    """Turn a function of any outputs into one of a single number, with weights drawn once."""
    generator = np.random.default_rng(0)
    weights: list[Array] = []

    def scalar(*inputs: Tensor) -> Tensor:
        outputs = function(*inputs)
        outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
        outputs = [y if isinstance(y, Tensor) else Tensor(y) for y in outputs]  # or constants
        for output in outputs[len(weights) :]:
            weight = generator.uniform(0.5, 1.5, output.shape)
            if output.dtype.kind == "c":
                weight = weight + 1j * generator.uniform(0.5, 1.5, output.shape)
            weights.append(np.asarray(weight, output.dtype))
        total = Tensor(np.zeros((), outputs[0].numpy().real.dtype))
        for output, weight in zip(outputs, weights):
            part: Any = (output * weight).sum()
            total = total + (part.real if part.dtype.kind == "c" else part)
        return total

    return scalar


def _gradients_of(scalar: Callable[..., Tensor]) -> Callable[..., list[Tensor]]:
    """Make the function of the recorded gradients of ``scalar``, one for every float input."""

    def gradients(*inputs: Tensor) -> list[Tensor]:
        wanted = [x for x in inputs if x.requires_grad]
        y = scalar(*inputs)
        found: Iterable[Tensor | None] = repeat(None)
        if y.requires_grad:  # else the function is constant, or has lost the gradient
            found = grad(y, wanted, create_graph=True, allow_unused=True)
        zeros = [Tensor(np.zeros(x.shape, x.dtype)) for x in wanted]
        return [zero if dx is None else dx for zero, dx in zip(zeros, found)]

    return gradients


def _is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def _leaves(points: list[Any]) -> list[Tensor]:
    return [Tensor(point, requires_grad=_is_float(point)) for point in points]


def _numeric(scalar: Callable[..., Tensor], points: list[Any], position: int, step: float) -> Array:
    """Differentiate numerically with respect to every element of one of the points."""
    derivative = np.zeros(points[position].shape, np.result_type(points[position], np.float64))
    for index in np.ndindex(derivative.shape):
        derivative[index] = _element(scalar, points, position, index, step)
    return derivative


def _element(
    scalar: Callable[..., Tensor],
    points: list[Any],
    position: int,
    index: tuple[int, ...],
    step: float,
) -> Any:
    """Differentiate numerically with respect to one element; ``∂/∂x - i ∂/∂y`` if it is complex."""
    wide = [p.astype(np.result_type(p, np.float64)) if _is_float(p) else p for p in points]

    def at(shift: complex) -> float:
        moved = [point.copy() for point in wide]
        moved[position][index] += shift
        return float(scalar(*_leaves(moved)))

    def along(unit: complex) -> float:
        near = at(step * unit) - at(-step * unit)
        far = at(2 * step * unit) - at(-2 * step * unit)
        return (8 * near - far) / (12 * step)

    return along(1) - 1j * along(1j) if wide[position].dtype.kind == "c" else along(1)


def _has_kink(
    scalar: Callable[..., Tensor], points: list[Any], wrong: Mismatch, step: float
) -> bool:
    """Tell whether the slopes to either side differ, by as much however near one looks."""
    if points[wrong.position].dtype.kind == "c":
        return False

    def bend_and_jump(h: float) -> Array:
        values = []
        for shift in (-h, 0.0, h):
            moved = [p.astype(float) if _is_float(p) else p.copy() for p in points]
            moved[wrong.position][wrong.worst] += shift
            values.append(float(scalar(*_leaves(moved))))
        left, at, right = values
        return np.abs([(right - at) / h - (at - left) / h, right - left])

    near, far = bend_and_jump(step / 100), bend_and_jump(step / 10)
    return bool(np.any((near > 1e-4) & (near > far / 2)))  # where it is smooth, it is a tenth


def _nodes_of(function: Callable[..., Any], points: list[Any]) -> list[Node]:
    """Record the function and return its calls that take arrays, the earliest first."""
    outputs = function(*_leaves(points))
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    roots = [y.node for y in outputs if isinstance(y, Tensor) and y.node is not None]
    nodes = [node for node in diagnose.history(*roots) if any(map(_is_float, node.arrays))]
    return nodes[:MOST_SUSPECTS]
