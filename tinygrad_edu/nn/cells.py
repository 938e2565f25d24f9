"""Recurrent cells: a single step of a recurrent layer, for those who write the loop themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional import recurrent as steps
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.linear import draw_uniformly
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.linear import linear
from tinygrad_edu.ops.shape import as_array


class Cell(Module):
    """What all cells have in common: their parameters, and a state of zeros to begin with."""

    GATES = 1
    STATES = 1

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size = positive_integer(name, "input_size", input_size)
        self.hidden_size = positive_integer(name, "hidden_size", hidden_size)
        self.bias = bias
        self.generator = generator
        dtype, rows = factory_dtype(device, dtype), self.GATES * self.hidden_size
        shapes = {"weight_ih": (rows, self.input_size), "weight_hh": (rows, self.hidden_size),
                  "bias_ih": (rows,), "bias_hh": (rows,)}  # fmt: skip
        for name, shape in shapes.items():
            parameter = Parameter(np.empty(shape, dtype)) if bias or "weight" in name else None
            self.register_parameter(name, parameter)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew; called when the cell is made, too."""
        draw_uniformly(self.hidden_size, self.generator, *self.parameters())

    def step(self, sums: Any, state: steps.State) -> steps.State:
        """Compute the next state; every cell has its own way."""
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Compute the next state from an input and the last state, or zeros."""
        x = as_array(input)
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise ValueError(
                f"{self} got an input of shape {x.shape}; it takes (batch, width) or (width,), and "
                f"the width is input_size={self.input_size}"
            )
        shape = (*x.shape[:-1], self.hidden_size)
        if hx is None:
            state: steps.State = (np.zeros(shape, x.dtype),) * self.STATES
        else:
            state = tuple(map(as_array, (hx,) if self.STATES == 1 else hx))
        if [part.shape for part in state] != [shape] * self.STATES:
            raise ValueError(
                f"{self} got a state of shapes {[part.shape for part in state]}; for an input of "
                f"shape {x.shape} it is {self.STATES} of shape {shape}"
            )
        if x.ndim == 1:
            x, state = x[None], tuple(part[None] for part in state)
        state = self.step(linear(x, self.weight_ih, self.bias_ih), state)
        state = tuple(part.reshape(shape) for part in state)
        return state[0] if self.STATES == 1 else state

    def extra_repr(self) -> str:
        """Name the sizes, and whether there is no bias."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(Cell):
    """One step of `RNN`: ``h = tanh(weight_ih @ x + bias_ih + weight_hh @ h + bias_hh)``.

    Shapes: ``input`` (N, input_size) or (input_size,); the state (N, hidden_size) or
    (hidden_size,); ``weight_ih`` (hidden_size, input_size), ``weight_hh`` (hidden_size,
    hidden_size), biases (hidden_size,). Source: see `RNN`.

    Parameters
    ----------
    input_size, hidden_size, bias, nonlinearity, device, dtype, generator : as for `RNN`.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer, or the nonlinearity is not known; when called, if the
        shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.cells import RNNCell
    >>> cell, h = RNNCell(3, 4), None
    >>> for x in np.ones((5, 2, 3)):
    ...     h = cell(x, h)
    >>> h.shape
    (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNNCell: nonlinearity is 'tanh' or 'relu', not {nonlinearity!r}")
        super().__init__(input_size, hidden_size, bias, device, dtype, generator=generator)
        self.nonlinearity = nonlinearity

    def step(self, sums: Any, state: steps.State) -> steps.State:
        """Apply `tanh_step` or `relu_step`."""
        step = steps.tanh_step if self.nonlinearity == "tanh" else steps.relu_step
        return step(sums, state, self.weight_hh, self.bias_hh)

    def extra_repr(self) -> str:
        """Name the sizes, and the settings that are not the usual ones."""
        usual = self.nonlinearity == "tanh"
        return super().extra_repr() + ("" if usual else f", nonlinearity={self.nonlinearity}")


class LSTMCell(Cell):
    """One step of `LSTM`; the state is a pair ``(h, c)``.

    Formula and source: see `LSTM`. Parameters have 4 * hidden_size rows; otherwise see `RNNCell`,
    without ``nonlinearity``.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.cells import LSTMCell
    >>> h, c = LSTMCell(3, 4)(np.ones((2, 3)))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    GATES, STATES = 4, 2

    def step(self, sums: Any, state: steps.State) -> steps.State:
        """Apply `lstm_step`."""
        return steps.lstm_step(sums, state, self.weight_hh, self.bias_hh)


class GRUCell(Cell):
    """One step of `GRU`.

    Formula and source: see `GRU`. Parameters have 3 * hidden_size rows; otherwise see `RNNCell`,
    without ``nonlinearity``.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.cells import GRUCell
    >>> GRUCell(3, 4)(np.ones((2, 3))).shape
    (2, 4)
    """

    GATES = 3

    def step(self, sums: Any, state: steps.State) -> steps.State:
        """Apply `gru_step`."""
        return steps.gru_step(sums, state, self.weight_hh, self.bias_hh)
