"""Initial values drawn at random, with their size chosen so that signals keep theirs."""

from __future__ import annotations

from math import sqrt

from tinygrad_edu.nn.init.drawn import normal_, uniform_
from tinygrad_edu.nn.init.filling import Generator, T, fans
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor

GAINS = {
    "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0, "conv_transpose3d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3,
    "relu": sqrt(2), "selu": 3 / 4,
}  # fmt: skip


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by what factor weights must be larger to make up for an activation.

    1 for none and for sigmoid, 5/3 for tanh, sqrt(2) for relu, 3/4 for selu, and for leaky_relu
    ``sqrt(2 / (1 + slope**2))``, where ``param`` is the slope, 0.01 by default.

    Shapes: numbers in, a number out. Source: the table and its 5/3 and 3/4 are PyTorch's.

    Raises
    ------
    ValueError
        If there is no gain for this name, or ``param`` is no number.

    Examples
    --------
    >>> from tinygrad_edu.nn import init
    >>> round(init.calculate_gain("leaky_relu", 0.2), 4)
    1.3868
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"the negative slope of leaky_relu is a number, not {param!r}")
        return sqrt(2 / (1 + slope**2))
    if nonlinearity not in GAINS:
        known = ", ".join([*GAINS, "leaky_relu"])
        raise ValueError(f"there is no gain for {nonlinearity!r}; there is for {known}")
    return GAINS[nonlinearity]


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Draw uniformly between plus and minus ``gain * sqrt(6 / (fan_in + fan_out))``.

    Shapes: (out, in, ...), two axes or more.

    Raises
    ------
    ValueError
        If there are fewer; and as for `constant_`.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.xavier_uniform_(tg.Tensor(np.zeros((3, 3))))
    >>> bool(abs(weight).max() <= 1)  # sqrt(6 / (3 + 3))
    True
    """
    bound = gain * sqrt(6 / sum(fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Draw normally, with standard deviation ``gain * sqrt(2 / (fan_in + fan_out))``.

    Shapes: (out, in, ...), two axes or more.

    Raises
    ------
    ValueError
        If there are fewer; and as for `constant_`.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.xavier_normal_(tg.Tensor(np.zeros((100, 100))))  # std is 0.1
    >>> bool(0.09 < weight.std() < 0.11)
    True
    """
    std = gain * sqrt(2 / sum(fans("xavier_normal_", tensor)))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> T:
    """Draw uniformly between plus and minus ``gain * sqrt(3 / fan)``.

    Shapes: (out, in, ...), two axes or more.

    Parameters
    ----------
    a : the slope that leaky_relu has below 0.
    mode : ``"fan_in"`` keeps the size of signals, ``"fan_out"`` that of gradients.
    nonlinearity : what `calculate_gain` is asked for.

    Raises
    ------
    ValueError
        If there are fewer axes, or the mode or the activation is unknown; and as for `constant_`.

    References
    ----------
    He, Zhang, Ren and Sun, Delving deep into rectifiers (2015), arXiv:1502.01852.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.kaiming_uniform_(tg.Tensor(np.zeros((3, 6))))
    >>> bool(abs(weight).max() <= 1)  # sqrt(2) * sqrt(3 / 6)
    True
    """
    std = _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -sqrt(3) * std, sqrt(3) * std, generator)


def kaiming_normal_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> T:
    """Draw normally, with standard deviation ``gain / sqrt(fan)``; see `kaiming_uniform_`.

    References
    ----------
    He, Zhang, Ren and Sun, Delving deep into rectifiers (2015), arXiv:1502.01852.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> weight = init.kaiming_normal_(tg.Tensor(np.zeros((100, 200))))  # std is sqrt(2 / 200)
    >>> bool(0.09 < weight.std() < 0.11)
    True
    """
    std = _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    return normal_(tensor, 0.0, std, generator)


def _kaiming_std(
    name: str, tensor: Tensor | Array, a: float, mode: str, nonlinearity: str
) -> float:
    fan_in, fan_out = fans(name, tensor)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{name}: mode is 'fan_in' or 'fan_out', not {mode!r}")
    return calculate_gain(nonlinearity, a) / sqrt(fan_in if mode == "fan_in" else fan_out)
