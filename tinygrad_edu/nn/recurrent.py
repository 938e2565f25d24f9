"""Recurrent layers: networks that read a sequence step by step and keep a state.

Read next: ``cells.py``, the same for a single step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional import recurrent as steps
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.functional.dropout import check_probability, dropout
from tinygrad_edu.nn.linear import draw_uniformly
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.ops.unstack import unstack
from tinygrad_edu.random import default_generator

Generator = np.random.Generator


class RecurrentLayers(Module):
    """What all recurrent layers have in common: layers, directions, and going along a sequence."""

    GATES = 1
    """How many weighted sums of the width of the state a step takes."""

    STATES = 1
    """How many arrays the state is: LSTM has two."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.input_size = positive_integer(name, "input_size", input_size)
        self.hidden_size = positive_integer(name, "hidden_size", hidden_size)
        self.num_layers = positive_integer(name, "num_layers", num_layers)
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = check_probability(name, dropout)
        self.bidirectional = bidirectional
        self.generator = None if generator is None else default_generator(generator)
        dtype = factory_dtype(device, dtype)
        directions = 2 if bidirectional else 1
        for layer in range(self.num_layers):
            width = self.hidden_size * directions if layer else self.input_size
            for direction in range(directions):
                self._make_parameters(layer, direction, width, dtype)
        self.reset_parameters()

    def _make_parameters(self, layer: int, direction: int, width: int, dtype: Any) -> None:
        """Make the parameters of one layer and direction, in PyTorch's order."""
        rows = self.GATES * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, width), "weight_hh": (rows, self.hidden_size),
        }  # fmt: skip
        if self.bias:
            shapes.update(bias_ih=(rows,), bias_hh=(rows,))
        for name, shape in shapes.items():
            parameter = Parameter(np.empty(shape, dtype))
            self.register_parameter(name + _suffix(layer, direction), parameter)

    def reset_parameters(self) -> None:
        """Draw all parameters anew; called when the layers are made, too."""
        draw_uniformly(self.hidden_size, self.generator, *self.parameters())

    def flatten_parameters(self) -> None:
        """Do nothing: it tidies up a GPU's memory in PyTorch."""

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, one list for each layer and direction."""
        names = ["weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if self.bias else ())]
        return [
            [getattr(self, name + _suffix(layer, direction)) for name in names]
            for layer in range(self.num_layers)
            for direction in range(2 if self.bidirectional else 1)
        ]

    def along(self, x: Any, state: steps.State, *parameters: Any) -> tuple[Any, steps.State]:
        """Return all states h, and the last state; every layer has its own way."""
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        """Read whole sequences, from a state of zeros or from the one that is given.

        Returns
        -------
        The last layer's state after every step, and every layer's state after the last.
        """
        x = as_array(input)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            order = "(batch, sequence, width)" if self.batch_first else "(sequence, batch, width)"
            raise ValueError(
                f"{self} got an input of shape {x.shape}; it takes {order} or (sequence, width), "
                f"and the width is input_size={self.input_size}"
            )
        alone = x.ndim == 2
        if alone:
            x = x[:, None]
        elif self.batch_first:
            x = x.swapaxes(0, 1)
        if x.shape[0] == 0:
            raise ValueError(f"{self} got sequences without a step, in shape {np.shape(input)}")
        output, finals = self._through_layers(x, self._first_states(hx, x.shape[1], alone, x.dtype))
        last = [np.stack(part) for part in zip(*finals)]
        if alone:
            output, last = output[:, 0], [part[:, 0] for part in last]
        elif self.batch_first:
            output = output.swapaxes(0, 1)
        return output, last[0] if self.STATES == 1 else tuple(last)

    def _through_layers(self, x: Any, first: list[Any]) -> tuple[Any, list[steps.State]]:
        """Hand a sequence from layer to layer; return what came out, and the last states."""
        finals: list[steps.State] = []
        for layer in range(self.num_layers):
            if layer and self.training:
                x = dropout(x, self.dropout, generator=self.generator)
            ways = []
            for direction in range(2 if self.bidirectional else 1):
                way, final = self._along(x, first[len(finals)], layer, direction)
                ways.append(way)
                finals.append(final)
            x = ways[0] if len(ways) == 1 else np.concatenate(ways, axis=-1)
        return x, finals

    def _along(
        self, x: Any, state: steps.State, layer: int, direction: int
    ) -> tuple[Any, steps.State]:
        """Go along a sequence, forwards or backwards."""
        suffix, own = _suffix(layer, direction), vars(self)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        parameters = [own.get(name + suffix) for name in names]
        if not direction:
            return self.along(x, state, *parameters)
        states, last = self.along(x[::-1], state, *parameters)
        return states[::-1], last

    def _first_states(self, hx: Any, samples: int, alone: bool, dtype: Any) -> list[steps.State]:
        """Return the state that each layer and direction begins with."""
        count = self.num_layers * (2 if self.bidirectional else 1)
        shape = (count, samples, self.hidden_size)
        if hx is None:
            return [(np.zeros(shape[1:], dtype),) * self.STATES] * count
        given = (hx,) if self.STATES == 1 else tuple(hx)
        expected = (count, self.hidden_size) if alone else shape
        given = tuple(map(as_array, given))
        if [part.shape for part in given] != [expected] * self.STATES:
            raise ValueError(
                f"{self} got a first state of shapes {[part.shape for part in given]}; for this "
                f"input it is {self.STATES} of shape {expected}"
            )
        return list(zip(*(unstack(part.reshape(shape), axis=0) for part in given)))

    def extra_repr(self) -> str:
        """Name the sizes, and the settings that are not the usual ones."""
        parts = [f"{self.input_size}, {self.hidden_size}"]
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        for name, value in {**usual, "bidirectional": False}.items():
            if getattr(self, name) != value:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)


class RNN(RecurrentLayers):
    """The plain recurrent network: ``h = tanh(weight_ih @ x + bias_ih + weight_hh @ h + bias_hh)``.

    Shapes: ``input`` (L, N, input_size), or (N, L, input_size) with ``batch_first``, or (L,
    input_size); the first state ``hx`` (D * num_layers, N, hidden_size), where D is 2 if
    bidirectional, else 1; the output (L, N, D * hidden_size). ``weight_ih_l0`` (hidden_size,
    input_size), or D * hidden_size wide in the layers above; ``weight_hh_l0`` (hidden_size,
    hidden_size); biases (hidden_size,). All are drawn uniformly between ``-1 / sqrt(hidden_size)``
    and ``1 / sqrt(hidden_size)``, as PyTorch does it.

    Parameters
    ----------
    input_size, hidden_size : the widths of the input and of the state.
    num_layers : how many layers, each of which reads the states of the one below.
    nonlinearity : ``"tanh"`` or ``"relu"``.
    bias, device, dtype : as for `Linear`.
    batch_first : whether the first axis is the batch, and not the sequence.
    dropout : the probability that, in training, a number between two layers is set to 0.
    bidirectional : whether to read the sequence backwards, too, in other parameters.
    generator : what draws parameters and dropout; else the package's own, see `manual_seed`.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer, the dropout no probability, or the nonlinearity is not
        known; when called, if the shapes do not fit.

    References
    ----------
    Elman, Finding structure in time, Cognitive Science 14 (1990).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.recurrent import RNN
    >>> output, h = RNN(3, 4, num_layers=2)(np.ones((5, 1, 3)))
    >>> output.shape, h.shape
    ((5, 1, 4), (2, 1, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        generator: Generator | None = None,
    ) -> None:
        self_steps: dict[str, Callable[..., Any]] = {
            "tanh": steps.tanh_step, "relu": steps.relu_step,
        }  # fmt: skip
        if nonlinearity not in self_steps:
            raise ValueError(f"RNN: nonlinearity is 'tanh' or 'relu', not {nonlinearity!r}")
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device,
            dtype, generator=generator,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def along(self, x: Any, state: steps.State, *parameters: Any) -> tuple[Any, steps.State]:
        """Apply `tanh_step` or `relu_step` to one step after the other."""
        step = steps.tanh_step if self.nonlinearity == "tanh" else steps.relu_step
        return steps.step_by_step(step, x, state, *parameters)


class LSTM(RecurrentLayers):
    """Long short-term memory: a network whose state includes a cell that can keep a number.

    ``c = sigmoid(f) * c + sigmoid(i) * tanh(g); h = sigmoid(o) * tanh(c)``, where i, f, g and o are
    the parts of ``weight_ih @ x + bias_ih + weight_hh @ h + bias_hh``: 4 * hidden_size rows. The
    state is the pair ``(h, c)``. Otherwise see `RNN`, without ``nonlinearity``.

    References
    ----------
    Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9 (1997).

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.recurrent import LSTM
    >>> output, (h, c) = LSTM(3, 4, bidirectional=True)(np.ones((5, 1, 3)))
    >>> output.shape, h.shape, c.shape
    ((5, 1, 8), (2, 1, 4), (2, 1, 4))
    """

    GATES, STATES = 4, 2

    def along(self, x: Any, state: steps.State, *parameters: Any) -> tuple[Any, steps.State]:
        """Apply `lstm_steps`."""
        return steps.lstm_steps(x, state, *parameters)


class GRU(RecurrentLayers):
    """Gated recurrent units: a network that decides how much of its state to replace.

    ``h = (1 - z) * n + z * h`` with ``r = sigmoid(x_r + h_r), z = sigmoid(x_z + h_z), n = tanh(x_n
    + r * h_n)``, where ``x_r, x_z, x_n`` are the parts of ``weight_ih @ x + bias_ih``, and ``h_r,
    h_z, h_n`` those of ``weight_hh @ h + bias_hh``: 3 * hidden_size rows. Otherwise see `RNN`,
    without ``nonlinearity``.

    References
    ----------
    Cho et al., Learning phrase representations using RNN encoder-decoder (2014), arXiv:1406.1078;
    with r applied after the product, as in PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.recurrent import GRU
    >>> output, h = GRU(3, 4, batch_first=True)(np.ones((1, 5, 3)))
    >>> output.shape, h.shape
    ((1, 5, 4), (1, 1, 4))
    """

    GATES = 3

    def along(self, x: Any, state: steps.State, *parameters: Any) -> tuple[Any, steps.State]:
        """Apply `gru_steps`."""
        return steps.gru_steps(x, state, *parameters)


def _suffix(layer: int, direction: int) -> str:
    return f"_l{layer}" + ("_reverse" if direction else "")
