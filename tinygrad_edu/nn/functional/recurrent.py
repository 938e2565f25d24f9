"""One step of a recurrent network: from the last state and a new input to the next state.

The inputs' weighted sums do not depend on the state, and so a layer computes them for all steps at
once (``nn/recurrent.py``). What is left for a step is here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.ops.activation import relu, sigmoid
from tinygrad_edu.ops.elementwise import tanh
from tinygrad_edu.ops.linear import linear
from tinygrad_edu.ops.unstack import unstack

State = tuple[Any, ...]
Step = Callable[[Any, State, Any, Any], State]


def tanh_step(sums: Any, state: State, weight_hh: Any, bias_hh: Any) -> State:
    """``h = tanh(sums + weight_hh @ h + bias_hh)``, where ``sums`` is ``weight_ih @ x + bias_ih``.

    Shapes: ``sums`` (N, H), ``state`` is ``(h,)`` with h (N, H), ``weight_hh`` (H, H).
    """
    return (tanh(sums + linear(state[0], weight_hh, bias_hh)),)


def relu_step(sums: Any, state: State, weight_hh: Any, bias_hh: Any) -> State:
    """``h = max(sums + weight_hh @ h + bias_hh, 0)``; as `tanh_step`."""
    return (relu(sums + linear(state[0], weight_hh, bias_hh)),)


def lstm_step(sums: Any, state: State, weight_hh: Any, bias_hh: Any) -> State:
    """Long short-term memory: a cell ``c`` that is written, kept and read through gates.

    ``c = sigmoid(f) * c + sigmoid(i) * tanh(g); h = sigmoid(o) * tanh(c)``, where i, f, g and o are
    the four parts of ``sums + weight_hh @ h + bias_hh``.

    Shapes: ``sums`` (N, 4 H), ``state`` is ``(h, c)`` with both (N, H), ``weight_hh`` (4 H, H).

    References
    ----------
    Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9 (1997).
    """
    h, c = state
    i, f, g, o = gates(sums + linear(h, weight_hh, bias_hh), 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru_step(sums: Any, state: State, weight_hh: Any, bias_hh: Any) -> State:
    """Gated recurrent unit: ``h = (1 - z) * n + z * h``, a mixture of a new state and the old.

    ``r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z), n = tanh(x_n + r * h_n)``, where the x are the
    three parts of ``sums``, and the h_. those of ``weight_hh @ h + bias_hh``.

    Shapes: ``sums`` (N, 3 H), ``state`` is ``(h,)`` with h (N, H), ``weight_hh`` (3 H, H).

    References
    ----------
    Cho et al., Learning phrase representations using RNN encoder-decoder (2014), arXiv:1406.1078;
    with r applied after the product, as in PyTorch.
    """
    (h,) = state
    x_r, x_z, x_n = gates(sums, 3)
    h_r, h_z, h_n = gates(linear(h, weight_hh, bias_hh), 3)
    z = sigmoid(x_z + h_z)
    n = tanh(x_n + sigmoid(x_r + h_r) * h_n)
    return (n + z * (h - n),)


def gates(sums: Any, count: int) -> tuple[Any, ...]:
    """Take weighted sums (N, count H) apart: (N, H) for each gate."""
    samples, width = sums.shape
    parts: tuple[Any, ...] = unstack(sums.reshape((samples, count, width // count)), axis=1)
    return parts
