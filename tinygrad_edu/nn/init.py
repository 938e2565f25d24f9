"""Initial values: functions that fill a Tensor or array in place and return it, as in PyTorch.

Where the weights of a layer start decides whether signals keep their size on the way through a deep
network, and gradients on the way back. The scales are stated for weights (out, in, ...): ``fan_in``
is how many numbers go into an output, ``fan_out`` how many outputs an input goes into.
"""

from __future__ import annotations

from math import ceil, prod, sqrt
from typing import TypeVar

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.random import default_generator
from tinygrad_edu.tensor import Tensor

T = TypeVar("T", bound=Tensor | Array)
Generator = np.random.Generator

GAINS = {
    "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0, "conv_transpose3d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3,
    "relu": sqrt(2), "selu": 3 / 4,
}  # fmt: skip


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by what factor weights must be larger to make up for an activation.

    1 for none and for sigmoid, 5/3 for tanh, sqrt(2) for relu, 3/4 for selu, and for leaky_relu
    ``sqrt(2 / (1 + slope**2))``, where ``param`` is the slope, 0.01 by default.

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


# ------------------------------------------------------------------------------- single values
def constant_(tensor: T, val: float) -> T:
    """Fill with one value."""
    return _filled(tensor, np.full(tensor.shape, val))


def ones_(tensor: T) -> T:
    """Fill with 1."""
    return constant_(tensor, 1.0)


def zeros_(tensor: T) -> T:
    """Fill with 0."""
    return constant_(tensor, 0.0)


def eye_(tensor: T) -> T:
    """Fill a matrix with the identity: 1 on the diagonal, 0 elsewhere."""
    _check_axes("eye_", tensor, (2,))
    return _filled(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def dirac_(tensor: T, groups: int = 1) -> T:
    """Fill a convolution's weight so that it passes as many channels on as it can.

    In the middle of the kernel, output channel i takes input channel i; the others stay 0.
    """
    _check_axes("dirac_", tensor, (3, 4, 5))
    if groups < 1 or tensor.shape[0] % groups:
        raise ValueError(f"{tensor.shape[0]} output channels do not divide into {groups} groups")
    values = np.zeros(tensor.shape)
    per_group = tensor.shape[0] // groups
    middle = tuple(size // 2 for size in tensor.shape[2:])
    for group in range(groups):
        for channel in range(min(per_group, tensor.shape[1])):
            place = (group * per_group + channel, channel, *middle)
            values[place] = 1
    return _filled(tensor, values)


# --------------------------------------------------------------------------- random, of any shape
def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> T:
    """Draw uniformly between a and b.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn import init
    >>> init.uniform_(tg.Tensor([0.0, 0.0]), 1, 2, generator=np.random.default_rng(0))
    Tensor([1.63696169, 1.26978671], shape=(2,), dtype=float64)
    """
    if not a <= b:
        raise ValueError(f"uniform_ draws from a to b, but a={a} is larger than b={b}")
    return _filled(tensor, default_generator(generator).uniform(a, b, tensor.shape))


def normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> T:
    """Draw from the normal distribution of this mean and standard deviation."""
    return _filled(tensor, default_generator(generator).normal(mean, std, tensor.shape))


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> T:
    """Draw from a normal distribution of which only what is between a and b is left.

    Candidates are uniform where the density is not negligible, and accepted in proportion to it.
    """
    if not (a < b and std > 0):
        raise ValueError(f"trunc_normal_ needs a < b and std > 0, not a={a}, b={b}, std={std}")
    low, high = (a - mean) / std, (b - mean) / std
    peak = min(max(0.0, low), high)  # where the density is largest
    reach = min(9.0, 40 / abs(peak)) if peak else 9.0  # beyond, it is below exp(-40) of that
    low, high = max(low, peak - reach), min(high, peak + reach)
    draw, values = default_generator(generator), np.empty(tensor.size)
    missing = np.arange(tensor.size)
    while missing.size:
        z = draw.uniform(low, high, missing.size)
        values[missing] = z
        accepted = draw.random(missing.size) < np.exp((peak * peak - z * z) / 2)
        missing = missing[~accepted]
    return _filled(tensor, np.clip(mean + std * values.reshape(tensor.shape), a, b))


# ------------------------------------------------------------------- scaled by the numbers of fans
def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Draw uniformly between plus and minus ``gain * sqrt(6 / (fan_in + fan_out))``.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010.
    """
    bound = gain * sqrt(6 / sum(_fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Draw normally, with standard deviation ``gain * sqrt(2 / (fan_in + fan_out))``.

    References
    ----------
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    AISTATS 2010.
    """
    std = gain * sqrt(2 / sum(_fans("xavier_normal_", tensor)))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> T:
    """Draw uniformly between plus and minus ``gain * sqrt(3 / fan)``.

    Parameters
    ----------
    a : the slope that leaky_relu has below 0.
    mode : ``"fan_in"`` keeps the size of signals, ``"fan_out"`` that of gradients.
    nonlinearity : what `calculate_gain` is asked for.

    References
    ----------
    He, Zhang, Ren and Sun, Delving deep into rectifiers (2015), arXiv:1502.01852.
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
    """
    std = _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    return normal_(tensor, 0.0, std, generator)


def orthogonal_(tensor: T, gain: float = 1.0, generator: Generator | None = None) -> T:
    """Make the rows, or the columns if there are more rows, orthogonal and of length ``gain``.

    References
    ----------
    Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks (2013), arXiv:1312.6120.
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ fills matrices, not a tensor of shape {tensor.shape}")
    rows, columns = tensor.shape[0], prod(tensor.shape[1:])
    drawn = default_generator(generator).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diag(r))  # without which the draws would not be uniform
    return _filled(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


def sparse_(tensor: T, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> T:
    """Draw normally, but set this share of each column to 0.

    References
    ----------
    Martens, Deep learning via Hessian-free optimization, ICML 2010.
    """
    _check_axes("sparse_", tensor, (2,))
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity is a share, from 0 to 1, not {sparsity}")
    draw = default_generator(generator)
    values = draw.normal(0, std, tensor.shape)
    zeros = ceil(sparsity * tensor.shape[0])
    for column in values.T:
        column[draw.permutation(len(column))[:zeros]] = 0
    return _filled(tensor, values)


# -------------------------------------------------------------------------------- what they share
def _filled(tensor: T, values: Array) -> T:
    """Write values into a leaf, unrecorded, or into an array, as ``weight.data`` is one."""
    if isinstance(tensor, np.ndarray):
        if not tensor.flags.writeable:
            raise ValueError(
                f"this array of shape {tensor.shape} is read-only, as what t.numpy() returns and "
                f"the data of a computed tensor are; pass the Parameter itself"
            )
        np.copyto(tensor, values, casting="same_kind")
        return tensor
    if not isinstance(tensor, Tensor):
        kind = type(tensor).__name__
        raise TypeError(f"initial values are for Tensors and arrays, not a {kind}")
    if tensor.node is not None:
        raise ValueError(
            f"this tensor of shape {tensor.shape} is the result of {tensor.node.op.name}, and "
            f"filling it would make its history wrong; initial values are for parameters"
        )
    tensor._touch()
    np.copyto(tensor._array, values, casting="same_kind")
    return tensor


def _check_axes(name: str, tensor: Tensor | Array, allowed: tuple[int, ...]) -> None:
    if tensor.ndim not in allowed:
        axes = " or ".join(map(str, allowed))
        raise ValueError(f"{name} fills tensors of {axes} axes, not of shape {tensor.shape}")


def _fans(name: str, tensor: Tensor | Array) -> tuple[int, int]:
    """Return fan_in and fan_out of a weight."""
    if tensor.ndim < 2:
        raise ValueError(
            f"{name} needs to know fan_in and fan_out, and a tensor of shape {tensor.shape} has "
            f"none; it is for weights, of two axes or more"
        )
    field = prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _kaiming_std(
    name: str, tensor: Tensor | Array, a: float, mode: str, nonlinearity: str
) -> float:
    fan_in, fan_out = _fans(name, tensor)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{name}: mode is 'fan_in' or 'fan_out', not {mode!r}")
    return calculate_gain(nonlinearity, a) / sqrt(fan_in if mode == "fan_in" else fan_out)
