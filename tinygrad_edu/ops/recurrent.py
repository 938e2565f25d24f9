"""LSTM and GRU along a whole sequence as one op each.

A step is some ten small operations (``nn/functional/recurrent.py`` has them one by one, and the
tests hold these ops against it). Recorded one by one, each costs more than it computes. Here a
sequence is one record, and both ways along it are plain loops over matrices of (width, samples):
so every gate is one block of rows. What does not depend on the step before is computed for all
steps at once, before the loop back or behind it.

All rules of an op need the gradient of what goes into its gates, and ask for it by `once`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.op import Array, differentiable
from tinygrad_edu.ops.unstack import unstack

HINT = "sums is (steps, samples, gates * width), states (samples, width), weight (gates * width, .)"


def once(dy: Any, compute: Callable[[], Any]) -> Any:
    """Compute what the rules of several arguments share: they are all handed the same ``dy``."""
    memo = vars(dy)
    if "shared" not in memo:
        memo["shared"] = compute()
    return memo["shared"]


def sigmoid_in_place(x: Array) -> None:
    """``1 / (1 + exp(-x))``, written over ``x``."""
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


def empty(like: Any, dtype: Any, *shape: int) -> Any:
    """Make an array that is to be filled."""
    return np.empty_like(like, dtype, order="C", shape=shape)


def in_columns(x: Any) -> Any:
    """(steps, samples, n) as (steps, n, samples), or back."""
    return np.swapaxes(x, 1, 2)


def before(states: Any, first: Any) -> Any:
    """Return the state that each step began with: (steps, ...)."""
    return np.concatenate([first[None], states[:-1]])


def weight_gradient(d: Any, states: Any) -> Any:
    """Sum up, over steps and samples, what each product of the weight with a state adds to it.

    Shapes: ``d`` (steps, n, samples), ``states`` (steps, samples, width); the result (n, width).
    """
    steps, n, samples = d.shape
    rows = np.reshape(np.swapaxes(d, 0, 1), (n, steps * samples))
    return rows @ np.reshape(states, (steps * samples, states.shape[2]))


def check(gates: int, sums: Any, weight: Any, *states: Any) -> None:
    """Refuse arrays that do not fit together, before some are broadcast."""
    samples, width = states[0].shape if states[0].ndim == 2 else (-1, -1)
    fits = sums.ndim == 3 and sums.shape[1:] == (samples, gates * width) and sums.shape[0] > 0
    if not (
        fits and weight.shape == (gates * width, width) and len({s.shape for s in states}) == 1
    ):
        raise ValueError("sums, states and weight do not fit together, or there is no step")


# ------------------------------------------------------------------------------------------ LSTM
def rolled(x: Any, axis: int, back: bool = False) -> Any:
    """Bring the gates i, f, g, o into the order o, i, f, g, or back.

    Then both those that go through sigmoid and those that go into the cell stand together.
    """
    quarter = x.shape[axis] // 4 * (1 if back else 3)
    parts = np.split(x, [quarter], axis=axis)
    return np.concatenate(parts[::-1], axis=axis)


def lstm_gates(dy: Any, y: Any, c: Any, weight: Any) -> tuple[Any, Any]:
    """Go back along the sequence: the gradients of the gates' sums, and of the first cell."""
    _, cells, gates = y
    steps, width, samples = cells.shape
    o, i, f, g = unstack(np.reshape(gates, (steps, 4, width, samples)), axis=1)
    read = np.tanh(cells)
    to_cell = unstack(o * (1 - read * read), axis=0)
    to_o = unstack(read * (o * (1 - o)), axis=0)
    earlier = before(cells, c.T)
    rates = np.stack([g * (i * (1 - i)), earlier * (f * (1 - f)), i * (1 - g * g)], axis=1)
    slopes, kept = unstack(rates, axis=0), unstack(f, axis=0)
    more = None
    if 2 in dy.arrived:  # somebody uses the gates themselves
        sigmoids, tanhs = gates[:, : 3 * width], gates[:, 3 * width :]
        slope = np.concatenate([sigmoids * (1 - sigmoids), 1 - tanhs * tanhs], axis=1)
        more = unstack(dy[2] * slope, axis=0)
    to_states, to_cells = unstack(in_columns(dy[0]), axis=0), unstack(dy[1], axis=0)
    back, found = rolled(weight, 0).T, []
    dh: Any = 0.0
    dc: Any = 0.0
    for t in reversed(range(steps)):
        dh = to_states[t] + dh
        dc = to_cells[t] + dc + dh * to_cell[t]
        parts = [dh * to_o[t], np.reshape(dc * slopes[t], (3 * width, samples))]
        d = np.concatenate(parts)
        if more is not None:
            d = d + more[t]
        found.append(d)
        dh, dc = back @ d, dc * kept[t]
    return rolled(np.stack(found[::-1]), 1, back=True), dc.T


def lstm_shared(dy: Any, y: Any, c: Any, weight: Any) -> Any:
    """Return what `lstm_gates` finds, which is computed once."""
    return once(dy, lambda: lstm_gates(dy, y, c, weight))


@differentiable(
    sums=lambda dy, y, sums, h, c, weight: in_columns(lstm_shared(dy, y, c, weight)[0]),
    h=lambda dy, y, sums, h, c, weight: lstm_shared(dy, y, c, weight)[0][0].T @ weight,
    c=lambda dy, y, sums, h, c, weight: lstm_shared(dy, y, c, weight)[1],
    weight=lambda dy, y, sums, h, c, weight: weight_gradient(
        lstm_shared(dy, y, c, weight)[0], before(y[0], h)
    ),
    cases=[
        case((1, 1, 4), (1, 1), (1, 1), (4, 1)),
        case((2, 1, 4), (1, 1), (1, 1), (4, 1)),
        case((1, 2, 8), (2, 2), (2, 2), (8, 2)),
        case((3, 2, 8), (2, 2), (2, 2), (8, 2)),
        case((2, 3, 4), (3, 1), (3, 1), (4, 1)),
        case((4, 1, 8), (1, 2), (1, 2), (8, 2)),
        case((2, 0, 8), (0, 2), (0, 2), (8, 2)),
    ],
    hint=HINT,
)
@np.errstate(over="ignore")  # exp(1000) is infinite, and 1 / infinity is 0, as it should be
def lstm(sums: Any, h: Any, c: Any, weight: Any) -> tuple[Any, Any, Any]:
    """Long short-term memory along a sequence; see `nn.functional.recurrent.lstm_step`.

    Shapes: ``sums`` (steps, samples, 4 width), weighted sums of the inputs with all biases; ``h``
    and ``c`` (samples, width), the first state; ``weight`` (4 width, width).

    Returns
    -------
    The states h (steps, samples, width); the cells c (steps, width, samples); and the gates o, i, f
    and g (steps, 4 width, samples), which the way back needs.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.recurrent import lstm
    >>> zeros = np.zeros((1, 1))
    >>> states, cells, gates = lstm(np.zeros((2, 1, 4)), zeros, zeros + 1, np.zeros((4, 1)))
    >>> cells.ravel(), gates[0].ravel()
    (array([0.5 , 0.25]), array([0.5, 0.5, 0.5, 0. ]))
    """
    check(4, sums, weight, h, c)
    steps, (samples, width) = sums.shape[0], h.shape
    dtype = np.result_type(sums, h, c, weight)
    states = empty(sums, dtype, steps, samples, width)
    cells = empty(sums, dtype, steps, width, samples)
    gates = empty(sums, dtype, steps, 4 * width, samples)
    gates[...] = in_columns(rolled(sums, 2))
    weight, h, c = rolled(weight, 0).copy(), h.T, c.T
    for gate, cell, state in zip(gates, cells, states):
        gate += weight.dot(h)
        sigmoid_in_place(gate[: 3 * width])
        np.tanh(gate[3 * width :], out=gate[3 * width :])
        o, i, f, g = gate.reshape((4, width, samples))
        np.multiply(f, c, out=cell)
        cell += i * g
        h, c = o * np.tanh(cell), cell
        state[...] = h.T
    return states, cells, gates


# ------------------------------------------------------------------------------------------- GRU
def gru_gates(dy: Any, y: Any, h: Any, weight: Any) -> tuple[Any, Any, Any]:
    """Go back along the sequence: the gradients of sums and products, and of the first state."""
    states, gates, new = y
    steps, width, samples = new.shape
    r, z, n = unstack(np.reshape(gates, (steps, 3, width, samples)), axis=1)
    slope_r, slope_z, slope_n = r * (1 - r), z * (1 - z), 1 - n * n
    earlier = before(in_columns(states), h.T)
    to_n = (1 - z) * slope_n
    to_z = (earlier - n) * slope_z
    to_r = to_n * (new * slope_r)
    slopes = unstack(np.concatenate([to_r, to_z, to_n * r], axis=1), axis=0)
    more = None
    if 1 in dy.arrived or 2 in dy.arrived:  # somebody uses the gates themselves
        at_r, at_z, at_n = unstack(np.reshape(dy[1], (steps, 3, width, samples)), axis=1)
        at_n = at_n * slope_n
        at_r = at_r * slope_r + at_n * (new * slope_r)
        direct = np.concatenate([at_r, at_z * slope_z, at_n], axis=1)
        more = np.concatenate([at_r, at_z * slope_z, at_n * r + dy[2]], axis=1)
        extra = unstack(more, axis=0)
    to_states, kept, back = unstack(in_columns(dy[0]), axis=0), unstack(z, axis=0), weight.T
    arrived, products = [], []
    dh: Any = 0.0
    for t in reversed(range(steps)):
        dh = to_states[t] + dh
        d = np.concatenate([dh, dh, dh]) * slopes[t]
        if more is not None:
            d = d + extra[t]
        arrived.append(dh)
        products.append(d)
        dh = dh * kept[t] + back @ d
    whole = np.stack(arrived[::-1])
    sums = np.concatenate([whole * to_r, whole * to_z, whole * to_n], axis=1)
    return sums if more is None else sums + direct, np.stack(products[::-1]), dh.T


def gru_shared(dy: Any, y: Any, h: Any, weight: Any) -> Any:
    """Return what `gru_gates` finds, which is computed once."""
    return once(dy, lambda: gru_gates(dy, y, h, weight))


@differentiable(
    sums=lambda dy, y, sums, h, weight, bias: in_columns(gru_shared(dy, y, h, weight)[0]),
    h=lambda dy, y, sums, h, weight, bias: gru_shared(dy, y, h, weight)[2],
    weight=lambda dy, y, sums, h, weight, bias: weight_gradient(
        gru_shared(dy, y, h, weight)[1], before(y[0], h)
    ),
    bias=lambda dy, y, sums, h, weight, bias: np.sum(gru_shared(dy, y, h, weight)[1], axis=(0, 2)),
    cases=[
        case((1, 1, 3), (1, 1), (3, 1), (3,)),
        case((2, 1, 3), (1, 1), (3, 1), (3,)),
        case((1, 2, 6), (2, 2), (6, 2), (6,)),
        case((3, 2, 6), (2, 2), (6, 2), (6,)),
        case((2, 3, 3), (3, 1), (3, 1), (3,)),
        case((4, 1, 6), (1, 2), (6, 2), (6,)),
        case((2, 0, 6), (0, 2), (6, 2), (6,)),
    ],
    hint=HINT,
)
@np.errstate(over="ignore")  # exp(1000) is infinite, and 1 / infinity is 0, as it should be
def gru(sums: Any, h: Any, weight: Any, bias: Any) -> tuple[Any, Any, Any]:
    """Gated recurrent units along a sequence; see `nn.functional.recurrent.gru_step`.

    Shapes: ``sums`` (steps, samples, 3 width), weighted sums of the inputs with their bias; ``h``
    (samples, width), the first state; ``weight`` (3 width, width); ``bias`` (3 width,).

    Returns
    -------
    The states (steps, samples, width); and, for the way back, the gates r, z and n (steps, 3 width,
    samples), and what r is multiplied with (steps, width, samples).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.ops.recurrent import gru
    >>> states, gates, _ = gru(np.zeros((2, 1, 3)), np.ones((1, 1)), np.zeros((3, 1)), np.zeros(3))
    >>> states.ravel(), gates[0].ravel()
    (array([0.5 , 0.25]), array([0.5, 0.5, 0. ]))
    """
    check(3, sums, weight, h)
    if bias.shape != weight.shape[:1]:
        raise ValueError("the bias has not one element for each row of the weight")
    steps, (samples, width) = sums.shape[0], h.shape
    dtype = np.result_type(sums, h, weight, bias)
    states = empty(sums, dtype, steps, samples, width)
    gates = empty(sums, dtype, steps, 3 * width, samples)
    new = empty(sums, dtype, steps, width, samples)
    gates[...] = in_columns(sums)
    gates[:, : 2 * width] += bias[: 2 * width, None]
    h, last = h.T, bias[2 * width :, None]
    for gate, hidden, state in zip(gates, new, states):
        product = weight.dot(h)
        sigmoids, n = gate[: 2 * width], gate[2 * width :]
        sigmoids += product[: 2 * width]
        sigmoid_in_place(sigmoids)
        np.add(product[2 * width :], last, out=hidden)
        n += sigmoids[:width] * hidden
        np.tanh(n, out=n)
        h = n + sigmoids[width:] * (h - n)
        state[...] = h.T
    return states, gates, new
