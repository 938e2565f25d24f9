"""What is quicker and leaves every bit as it was, though it reads no better.

A constant takes a sign: ``-(2 * x)`` is ``-2 * x``. And where ``relu(x)`` has been computed,
``x > 0`` is ``relu(x) > 0``, so that ``relu`` may be computed in the memory of ``x``. The gradient
of max pooling is one call, as it is where nothing is recorded.

That every bit stays matters more than it seems. The gradient of a bias in front of a BatchNorm is
0 but for rounding, and Adam makes steps of full size of it: other rounding is other training.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import REGISTRY, Op
from tinygrad_edu.ops.pool import max_pool_x
from tinygrad_edu.program.passes.rewrite import MULTIPLY, NEGATIVE, Rewriting, is_call, rewrite
from tinygrad_edu.program.program import Assignment, Constant, Program, Value, constant, operands_of


def for_speed(program: Program) -> Program:
    """Apply all."""
    rectified = {
        line.operands[0]: line for line in program.assignments if line.op is REGISTRY["relu"]
    }

    def rule(line: Assignment, here: Rewriting) -> Value | None:
        return (
            with_sign_taken(line, here)
            or of_rectified(line, here, rectified)
            or handed_back(line, here)
        )

    return rewrite(program, rule)


def of_rectified(
    line: Assignment, here: Rewriting, rectified: dict[Value, Assignment]
) -> Value | None:
    """Return ``relu(x) > 0`` for ``x > 0``."""
    if getattr(line.op, "function", None) is not np.greater or line.operands[0] not in rectified:
        return None
    x, bound = line.operands
    y = here.place(rectified[x])
    is_zero = isinstance(bound, Constant) and bound.shape == () and bound.value == 0
    if not is_zero or y not in here.lines:
        return None
    return here.emit(line.op, (y, bound), line.shape, line.dtype, like=line)


def pool_back(dy: Any, y: Any, x: Any, **window: Any) -> Any:
    """The gradient of max pooling: to each window's first largest element; in one go."""
    return max_pool_x(dy, y, x, **window)


POOL_BACK = Op(pool_back, {"dy": None, "y": None, "x": None}, "pool_back", None, "", (), ())
MAX_POOL, MAX_UNPOOL = REGISTRY["max_pool"], REGISTRY["max_unpool"]


def handed_back(line: Assignment, here: Rewriting) -> Value | None:
    """Return the gradient of max pooling, for a line that puts it where the largest were found."""
    if line.op is not MAX_UNPOOL:
        return None
    dy, which = line.operands
    window = {key: x for key, x in line.settings.items() if key != "size"}
    pools = [x for x in reached(which, ()) if is_call(x, MAX_POOL)]
    for y in pools:
        assert isinstance(y, Assignment)  # noqa: S101  # it is a call
        x = y.operands[0]
        others = [v for v in reached(which, (x, y)) if not isinstance(v, (Assignment, Constant))]
        if y.settings == window and y.shape == which.shape and not others:
            return here.emit(POOL_BACK, (dy, y, x), line.shape, line.dtype, window, line)
    return None


def reached(value: Value, ends: tuple[Value, ...]) -> list[Value]:
    """List what a value was computed from, up to some ends, which are left out."""
    found, waiting = {value: None}, [value]
    while waiting:
        for each in operands_of(waiting.pop()):
            if each not in found and each not in ends:
                found[each] = None
                waiting.append(each)
    return list(found)


def with_sign_taken(line: Assignment, here: Rewriting) -> Value | None:
    """Return the product with the sign in its constant factor."""
    if line.op is not NEGATIVE or not is_call(line.operands[0], MULTIPLY):
        return None
    product = line.operands[0]
    assert isinstance(product, Assignment)  # noqa: S101  # it is a call
    for i, factor in enumerate(product.operands):
        known = isinstance(factor, Constant) and factor.shape == () and factor.value is not None
        if known and here.used(product) == 1 and line.dtype.kind == "f":
            assert isinstance(factor, Constant)  # noqa: S101  # see above
            value = -factor.value if factor.dtype is None else -np.asarray(factor.value)
            operands = list(product.operands)
            operands[i] = constant(value)
            return here.emit(MULTIPLY, tuple(operands), line.shape, line.dtype, like=line)
    return None
