"""check_grad and check_backprop: hold derivatives against numbers, and a learner's against ours.

The numeric derivative moves one input element a little to either side. Two step sizes are combined
so that their leading errors cancel (Richardson's extrapolation of the central difference), which
leaves about eleven correct digits: enough to see a rule that is wrong by a millionth.

Read next: ``diagnose.py``, which guesses what went wrong from how it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import backprop, diagnose
from tinygrad_edu.autograd import carry, key_of
from tinygrad_edu.op import Array, Node
from tinygrad_edu.tensor import Tensor

ORDINALS = ("first", "second", "third", "fourth")
TOLERANCE = {"float32": (2e-3, 2e-3), "float16": (5e-2, 5e-2)}
TOLERANCE["complex64"] = TOLERANCE["float32"]
DOUBLE = (1e-6, 1e-8)
MOST_SUSPECTS = 200  # calls to check one by one after a failure


class GradientError(AssertionError):
    """A derivative that does not agree with the numeric one."""


# -------------------------------------------------------------------------------- check_grad
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
    checker = Checker(step, rtol, atol)
    scalar = _weighted(function)
    for number, ordinal in enumerate(ORDINALS[:order]):
        wrong = checker.compare(scalar, points)
        if wrong is not None:
            name = getattr(function, "__name__", type(function).__name__)
            cause = checker.cause(function, scalar, points, wrong, number + 1)
            raise GradientError(f"the {ordinal} derivative of {name} {wrong.describe()}{cause}")
        scalar = _weighted(_gradients_of(scalar))
    return True


class Mismatch(NamedTuple):
    """A derivative that came out differently by the rules and numerically."""

    position: int
    by_rules: Array
    numeric: Array
    wrong: Array

    @property
    def index(self) -> tuple[int, ...]:
        """The element where the two differ most."""
        error = np.where(self.wrong, np.abs(self.by_rules - self.numeric), -1)
        found = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error)), error.shape)
        return tuple(map(int, found))

    def describe(self, whose: tuple[str, str] = ("by the rules", "numerically")) -> str:
        """Say which elements are wrong, and by how much."""
        ours, right = self.by_rules[self.index], self.numeric[self.index]
        error = abs(ours - right)
        return (
            f"with respect to input {self.position}, of shape {self.numeric.shape}, is wrong in "
            f"{self.wrong.sum()} of {self.wrong.size} elements, most of all at {list(self.index)}: "
            f"{whose[0]} {ours:.10g}, {whose[1]} {right:.10g}; absolute error {error:.3g}, "
            f"relative {error / abs(right or 1):.3g}"
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
        for node in _nodes_of(function, points):
            positions = [i for i, x in enumerate(node.arrays) if _is_float(x)]
            call = _alone(node, positions)
            alone: Any = _weighted(call)
            for _ in range(order - 1):
                alone = _weighted(_gradients_of(alone))
            inputs = [node.arrays[i] for i in positions]
            found = self.compare(alone, inputs)
            if found is not None:
                argument = node.op.argument(positions[found.position])
                where = f"; the rule of {node.op.name} for {argument} is at fault"
                why = self._of_one_call(call, alone, inputs, found, order, node)
                return where + (f"; likely cause: {why}" if why else "")
        why = self._of_one_call(function, scalar, points, wrong, order, None)
        return f"; likely cause: {why}" if why else ""

    def _of_one_call(
        self,
        function: Callable[..., Any],
        scalar: Callable[..., Tensor],
        points: list[Any],
        wrong: Mismatch,
        order: int,
        node: Node | None,
    ) -> str | None:
        if not np.array_equal(*(scalar(*_leaves(points)).numpy() for _ in range(2))):
            return "the function gives another result each time; fix its seed within"
        small = _element(scalar, points, wrong.position, wrong.index, self.step / 100)
        if abs(small - wrong.by_rules[wrong.index]) <= 1e-3 * abs(small):
            return (
                "with a smaller step both agree, so there is a kink, a jump or a strong bend near "
                "this point; choose another point, or a smaller step="
            )
        if not wrong.by_rules.any():
            return diagnose.nothing_arrives(order, in_a_rule=node is not None)
        y = function(*_leaves(points)) if node is None else node.y
        y = y.numpy() if isinstance(y, Tensor) else y
        x = points[wrong.position]
        return diagnose.likely_cause(wrong.by_rules, wrong.numeric, x, y if order == 1 else None)


def _weighted(function: Callable[..., Any]) -> Callable[..., Tensor]:
    """Turn a function of any outputs into one of a single number, with weights drawn once."""
    generator = np.random.default_rng(0)
    weights: list[Array] = []

    def scalar(*inputs: Tensor) -> Tensor:
        outputs = function(*inputs)
        outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
        for output in outputs[len(weights) :]:
            weight = generator.uniform(0.5, 1.5, output.shape)
            if output.dtype.kind == "c":
                weight = weight + 1j * generator.uniform(0.5, 1.5, output.shape)
            weights.append(np.asarray(weight, output.dtype))
        total = Tensor(np.zeros((), outputs[0].real.dtype))
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
        found: list[Tensor | None] = [None] * len(wanted)
        if y.requires_grad:  # else the function is constant, or has lost the gradient
            found = backprop.gradients(y, wanted, create_graph=True)
        zeros = [Tensor(np.zeros(x.shape, x.dtype)) for x in wanted]
        return [zero if dx is None else dx for zero, dx in zip(zeros, found)]

    return gradients


def _is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def _leaves(points: list[Any]) -> list[Tensor]:
    return [Tensor(point, requires_grad=_is_float(point)) for point in points]


def _numeric(
    scalar: Callable[..., Tensor], points: list[Any], position: int, step: float
) -> Array:
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


def _nodes_of(function: Callable[..., Any], points: list[Any]) -> list[Node]:
    """Record the function and return its calls that take arrays, the earliest first."""
    outputs = function(*_leaves(points))
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    roots = [y.node for y in outputs if y.node is not None]
    nodes = [node for node in diagnose.history(*roots) if any(map(_is_float, node.arrays))]
    return nodes[:MOST_SUSPECTS]


def _alone(node: Node, positions: list[int]) -> Callable[..., Any]:
    """Make the function that repeats one recorded call with other values for some of its inputs."""

    def call(*inputs: Any) -> Any:
        arrays = list(node.arrays)
        for position, x in zip(positions, inputs):
            arrays[position] = x
        return Tensor.__record__(node.op, tuple(arrays), node.settings)

    return call


# ---------------------------------------------------------------------------- check_backprop
def check_backprop(
    my_backprop: Any, loss: Tensor, wrt: Any, *, descent: bool = False, rtol: float | None = None
) -> bool:
    """Compare gradients that were derived by hand with those of the recorded graph.

    ``max |mine - recorded| <= rtol · max |recorded|`` for each gradient.

    Parameters
    ----------
    my_backprop : the gradients: a dict of arrays by name, a sequence of them, or a single one, as
        ``wrt`` is; or a function without arguments that returns that.
    loss : the recorded single number; computed from the same values, and not changed since.
    wrt : the Tensors that the gradients belong to: a dict by name, a sequence, or one.
    descent : the arrays are directions of descent, minus the gradients, as derivations by hand
        often have them, to be added to the weights.
    rtol : how far they may differ, in relation to the gradient's largest element; by default 1e-6,
        and 2e-3 for float32.

    Returns
    -------
    True

    Raises
    ------
    GradientError
        Naming each gradient that is wrong, its element, both values and both errors, and the likely
        cause where it shows: a sign, a factor, a transpose, a sum over the batch, the derivative of
        an activation. That all are directions of descent is recognised.
    ValueError, TypeError
        If the gradients do not fit ``wrt`` in number or names, or are no arrays.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x, w = np.array([[1.0, 2.0]]), tg.Tensor([[0.5], [-0.5]], requires_grad=True, name="w")
    >>> loss = ((x @ w) ** 2).sum()
    >>> tg.check_backprop(2 * x.T @ (x @ w.numpy()), loss, w)
    True
    """
    tensors = dict(_named(wrt, "wrt"))
    given = my_backprop() if callable(my_backprop) else my_backprop
    mine = _matched(given, list(tensors), single=isinstance(wrt, Tensor))
    one = Tensor(np.ones(loss.shape, loss.dtype))
    keys = [key_of(x) for x in tensors.values()]
    recorded: dict[str, Array] = {}
    for name, x, dx in zip(tensors, tensors.values(), carry([loss], [one], keys, False)):
        recorded[name] = np.zeros(x.shape, x.dtype) if dx is None else dx.numpy()
    if descent:
        mine = {name: -array for name, array in mine.items()}
    wrong = {name: _differs(mine[name], recorded[name], rtol) for name in tensors}
    if not any(wrong.values()):
        return True
    causes = diagnose.of_backprop(loss, keys, list(mine.values()), list(recorded.values()))
    if isinstance(causes, str):
        raise GradientError(causes)
    lines = [
        f"{name}: {text}" + (f"; likely cause: {cause}" if cause else "")
        for (name, text), cause in zip(wrong.items(), causes)
        if text
    ]
    right = [name for name, text in wrong.items() if not text]
    lines += [f"right: {', '.join(right)}"] if right else []
    raise GradientError("\n".join(lines))


def _named(given: Any, what: str) -> Iterator[tuple[str, Any]]:
    """Yield names and values of a dict, a sequence, or a single value."""
    if isinstance(given, Mapping):
        yield from given.items()
    else:
        values = [given] if isinstance(given, Tensor) else list(given)
        for position, value in enumerate(values):
            yield getattr(value, "name", None) or f"{what}[{position}]", value


def _matched(given: Any, names: list[str], single: bool) -> dict[str, Array]:
    """Pair the gradients derived by hand with the names that they belong to."""
    if given is None:
        raise TypeError(
            "my_backprop returned None; let it return the gradients, in the order of wrt, instead "
            "of adding them to the weights"
        )
    if isinstance(given, Mapping):
        if set(given) != set(names):
            raise ValueError(f"the gradients are named {sorted(given)}, the tensors {sorted(names)}")
        values = [given[name] for name in names]
    elif single and not (isinstance(given, (tuple, list)) and len(given) == 1):
        values = [given]
    else:
        values = list(given) if isinstance(given, (tuple, list)) else [given]
    if len(values) != len(names):
        raise ValueError(f"{len(names)} tensors have {len(values)} gradients; give each its own")
    arrays = {}
    for name, value in zip(names, values):
        array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"the gradient for {name} is a {type(value).__name__}, not an array")
        arrays[name] = array
    return arrays


def _differs(mine: Array, recorded: Array, rtol: float | None) -> str:
    """Describe how a gradient differs from the recorded one; an empty string if it does not."""
    if mine.shape != recorded.shape:
        return f"your gradient has shape {mine.shape}, the recorded one {recorded.shape}"
    error = np.abs(mine - recorded)
    tolerance = rtol or TOLERANCE.get(recorded.dtype.name, DOUBLE)[0]
    wrong = ~(error <= tolerance * np.max(np.abs(recorded), initial=0.0))
    if not wrong.any():
        return ""
    mismatch = Mismatch(0, mine, recorded, wrong)
    text = mismatch.describe(whose=("yours", "recorded"))
    return "your gradient " + text.partition("is ")[0].partition("with")[0] + text[text.index("is "):]
