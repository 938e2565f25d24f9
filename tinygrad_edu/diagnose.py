"""What is likely to be wrong with a gradient, told from how it differs from the right one.

Two ways. Some faults show in the numbers themselves: a sign, a factor, a transpose, a sum that is
missing (`likely_cause`). Others are hidden behind all that follows them: the derivative of an
activation left out in one layer spoils every layer before it. For those, the fault is *made on
purpose*: the walk is repeated with one rule altered in the way that people get it wrong, for every
recorded call in turn, and whichever alteration reproduces the wrong gradients is the likely cause
(`of_backprop`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.op import Array, Node, Op, RuleOfEach
from tinygrad_edu.tensor import Tensor

CLOSE = 1e-5  # in relation to the largest element
MOST_CALLS = 200  # whose rules are altered one by one
TRANSPOSED = "it is the transpose of the right one: a .T is missing, or one too many"
DESCENT = (
    "every one of them is minus the gradient: the direction of descent, which is to be added to "
    "the weights, W += d_W, as derivations by hand often have it. The gradient itself is "
    "subtracted, W -= d_W. To check directions of descent, pass descent=True"
)


def lost_on_the_way(given: Array, order: int, in_a_rule: bool) -> str | None:
    """Explain a derivative that lacks something, though the rules that it is made of are right."""
    if not in_a_rule:
        which = "part of the gradient" if given.any() else "the gradient"
        return (
            f"the rules are right, but {which} is lost on the way; does the function use detach(), "
            f"numpy(), float() or no_grad()?"
        )
    if given.any():
        return None
    if order == 1:
        return "the rule returns zeros, or is None"
    return (
        "the rule does not compute with its arguments, but with plain values (.numpy(), float(), "
        "an array kept from the forward pass), so its own derivative is lost"
    )


def likely_cause(given: Array, right: Array, x: Any = None, y: Any = None) -> str | None:
    """Tell from the numbers how a wrong gradient came to be wrong, or return None.

    Parameters
    ----------
    given, right : the wrong gradient and the right one.
    x, y : input and output of the call that it belongs to, if known.
    """
    if given.shape != right.shape:
        return _wrong_shape(given, right)
    if not np.all(np.isfinite(given)):
        return "NaN or infinity; tg.detect_anomaly() names the op and the line where it arises"
    if not given.any():
        return "it is zero everywhere; nothing has been carried back"
    factor = _ratio(given, right)
    if factor is not None:
        return _constant_factor(factor)
    if right.ndim > 1 and _close(given, right.swapaxes(-1, -2)):
        return TRANSPOSED
    return _missing_factor(given, right, x, y)


def _close(a: Array, b: Array) -> bool:
    """Tell whether two arrays agree in relation to their largest element."""
    if a.shape != b.shape:
        return False
    scale = np.max(np.abs(b), initial=0.0)
    return bool(np.all(np.abs(a - b) <= CLOSE * scale))


def _ratio(given: Array, right: Array) -> float | None:
    """Return the one number that ``right`` has been multiplied with, if there is one."""
    largest = np.argmax(np.abs(right))
    factor = given.flat[largest] / (right.flat[largest] or np.nan)
    if np.iscomplexobj(factor) or not np.isfinite(factor) or not factor:
        return None
    return float(factor) if right.size > 1 and _close(given, factor * right) else None


def _constant_factor(factor: float) -> str:
    """Name what multiplies the whole gradient by one number."""
    size = abs(factor)
    whole, part = round(size), round(1 / size)
    if abs(size - 1) < CLOSE:
        text = ""
    elif abs(size - 0.5) < CLOSE:
        text = "a factor of 2 is missing, the one that comes down from a square, for one"
    elif abs(size - 2) < CLOSE:
        text = "a factor of 2 is too much"
    elif abs(size - whole) < CLOSE * size:
        text = f"it is {whole} times the right one: is a mean's division by {whole} missing?"
    elif abs(1 / size - part) < CLOSE / size:
        text = f"it is 1/{part} of the right one: is a sum divided by {part}, as if it were a mean?"
    else:
        text = f"it is {size:.6g} times the right one"
    sign = "the sign is the other way round" if factor < 0 else ""
    return f"{sign}, and {text}" if sign and text else sign or text


def _wrong_shape(given: Array, right: Array) -> str | None:
    """Explain a gradient in another shape than the right one."""
    if given.ndim == 2 and _close(given.T, right):
        return TRANSPOSED
    if given.size == right.size and _close(given.reshape(right.shape), right):
        return f"the numbers are right; .reshape({right.shape}) is missing"
    for sign, word in ((1, ""), (-1, ", and the sign is the other way round")):
        for reduce, name in ((np.sum, "sum"), (np.mean, "mean")):
            for axis in range(given.ndim):
                for keepdims in (False, True):
                    reduced = np.asarray(reduce(given, axis=axis, keepdims=keepdims))
                    if _close(sign * reduced, right):
                        return (
                            f"the {name} over axis {axis} is missing, .{name}(axis={axis}"
                            f"{', keepdims=True' if keepdims else ''}): what is used for every "
                            f"sample of a batch gets a gradient from each{word}"
                        )
    if given.ndim == 2 and given.T.shape == right.shape:
        return "the shape is that of the transpose; is a .T missing, or one too many?"
    return None


def _missing_factor(given: Array, right: Array, x: Any, y: Any) -> str | None:
    """Recognise an elementwise factor that was left out, or put in twice."""
    candidates: list[tuple[str, Any]] = []
    if isinstance(y, np.ndarray) and y.shape == right.shape:
        candidates += [
            ("y * (1 - y), σ' in terms of the sigmoid's output", y * (1 - y)),
            ("1 - y * y, tanh' in terms of its output", 1 - y * y),
            ("y, the output itself", y),
        ]
        if isinstance(x, np.ndarray) and x.shape == y.shape:
            swapped = given * (y * (1 - y)), right * (x * (1 - x))
            if swapped[1].any() and _close(*swapped):
                return "σ' = s * (1 - s) takes the sigmoid's output s, but was given its input"
    if isinstance(x, np.ndarray) and x.shape == right.shape:
        candidates.append(("x, the input itself", x))
    for name, factor in candidates:
        if _ratio(given * factor, right) is not None:
            return f"the factor {name}, is missing"
        if _ratio(given, right * factor) is not None:
            return f"the factor {name}, is there twice"
    return None


# --------------------------------------------------------- faults that are made on purpose
def of_backprop(
    loss: Tensor, keys: Sequence[Any], mine: Sequence[Array], recorded: Sequence[Array]
) -> str | list[str | None]:
    """Explain gradients derived by hand: all of them in one sentence, or each in its own."""
    if all(map(_close, [-a for a in mine], recorded)):
        return DESCENT
    wrong = [not _close(a, b) for a, b in zip(mine, recorded)]
    together = _reproduced(loss, keys, mine) if all(a.any() for a in mine) else None
    if together is not None:
        return [together if bad else None for bad in wrong]
    causes: list[str | None] = []
    for key, a, b, bad in zip(keys, mine, recorded, wrong):
        cause = likely_cause(a, b) if bad else None
        if bad and cause is None:
            cause = _reproduced(loss, [key], [a])
        causes.append(cause)
    return causes


def _reproduced(loss: Tensor, keys: Sequence[Any], mine: Sequence[Array]) -> str | None:
    """Find the one fault in a rule with which the walk gives the same gradients, or minus them."""
    root = loss.node
    if root is None:
        return None
    for node in reversed(history(root)[-MOST_CALLS:]):
        original = node.op
        for text, rules in _faults(node):
            try:
                node.op = _altered(original, rules)
                found = walk({root: np.ones(loss.shape, loss.dtype)}, wrt=keys)
            except (ValueError, TypeError):  # the fault does not even fit the shapes
                continue
            finally:
                node.op = original
            for sign in (1, -1):
                if all(key in found and _close(sign * a, found[key]) for key, a in zip(keys, mine)):
                    call = original.describe(node.arrays, node.settings)
                    prefix = "" if sign > 0 else "it is a direction of descent, and "
                    return f"{prefix}{text}, in the call {call}"
    return None


def _faults(node: Node) -> Iterator[tuple[str, dict[int, Callable[..., Any]]]]:
    """Yield the ways in which people get the rules of a call wrong, by position of the argument."""
    name, arrays = node.op.name, node.arrays
    if len(arrays) == 1 and getattr(node.y, "shape", None) == getattr(arrays[0], "shape", None):
        what = "a .T is missing" if name == "transpose" else f"the derivative of {name} is missing"
        yield what, {0: lambda dy, y, x, **_: dy}
        if name == "sigmoid":
            what = "σ' = s * (1 - s) takes the sigmoid's output s, but was given"
            yield f"{what} its input", {0: lambda dy, y, x: dy * (x * (1 - x))}
            yield (
                f"{what} the sigmoid of it",
                {0: lambda dy, y, x: dy / (1 + np.exp(-y)) * (1 - 1 / (1 + np.exp(-y)))},
            )
        if name == "tanh":
            what = "tanh' = 1 - s * s takes tanh's output s, but was given its input"
            yield what, {0: lambda dy, y, x: dy * (1 - x * x)}
        rule = next(iter(node.op.rules))
        if rule is not None:
            yield (
                f"the derivative of {name} is there twice",
                {0: lambda dy, y, x, **s: rule(rule(dy, y, x, **s), y, x, **s)},
            )
    if name == "matmul":
        yield "a transpose is missing: dy @ b.T, not dy @ b", {0: lambda dy, y, a, b: dy @ b}
        yield "a transpose is missing: a.T @ dy, not a @ dy", {1: lambda dy, y, a, b: a @ dy}
    if name == "linear":
        what = "a transpose is missing: dy.T @ x, not dy @ x"
        yield what, {1: lambda dy, y, x, weight, *_: dy @ x}
        what = "a transpose is too many: dy @ weight, not dy @ weight.T"
        yield what, {0: lambda dy, y, x, weight, *_: dy @ weight.mT}
    if len(arrays) > 1 and not isinstance(node.op.rules, RuleOfEach):
        for position, parent in enumerate(node.parents):
            if parent is not None:
                argument = node.op.argument(position)
                yield (
                    f"what flows back through {name} into {argument} is left out",
                    {position: lambda dy, y, *x, p=position, **_: np.zeros_like(x[p])},
                )


def _altered(op: Op, rules: dict[int, Callable[..., Any]]) -> Op:
    """Copy an op, with other rules at some positions."""
    copy = object.__new__(Op)
    for slot in Op.__slots__:
        setattr(copy, slot, getattr(op, slot))
    copy.rules = tuple(rules.get(i, rule) for i, rule in zip(range(len(op.arguments)), op.rules))
    return copy


def history(*roots: Node) -> list[Node]:
    """Return all nodes that a result was computed by, the earliest first."""
    stack, found = list(roots), set(roots)
    while stack:
        for parent in stack.pop().parents:
            if isinstance(parent, Node) and parent not in found:
                found.add(parent)
                stack.append(parent)
    return sorted(found, key=lambda node: node.serial)
