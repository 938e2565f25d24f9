"""For every op, the same function written for PyTorch, or the reason why there is none.

A function of the table gets the op's inputs and settings. PyTorch is imported only when one is
called. Next: ``torch_parity.py``, which holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch_windows
from samples import names


def torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def named(name: str) -> Callable[..., Any]:
    """Take a function of PyTorch that has no settings, by its name, such as ``special.erfc``."""

    def call(*inputs: Any) -> Any:
        function = torch()
        for part in name.split("."):
            function = getattr(function, part)
        return function(*inputs)

    return call


def over_axes(name: str, **options: Any) -> Callable[..., Any]:
    """Take a reduction, which calls ``axis`` ``dim`` and wants all axes spelled out."""

    def call(x: Any, *, axis: Any = None, keepdims: bool = False, **settings: Any) -> Any:
        dims = tuple(range(x.ndim)) if axis is None else axis
        if "ddof" in settings or "correction" in options:
            settings = {"correction": settings.get("ddof", 0)}
        return getattr(torch(), name)(x, dim=dims, keepdim=keepdims, **settings)

    return call


def extreme(nan: float) -> Callable[..., Any]:
    """Take the largest or smallest element but NaN, in whose place goes what never wins."""

    def call(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
        x = x.where(~x.isnan(), nan)
        dims = tuple(range(x.ndim)) if axis is None else axis
        return (x.amax if nan < 0 else x.amin)(dim=dims, keepdim=keepdims)

    return call


def prod(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for dim in axes:
        x = x.prod(dim, keepdim=True)
    return x if keepdims else x.squeeze(tuple(axes))


def softmax(name: str) -> Callable[..., Any]:
    """Take a softmax over several axes, which PyTorch has over one."""

    def call(x: Any, *, axis: Any = -1) -> Any:
        axes = (
            tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        )
        rest = [dim for dim in range(x.ndim) if dim not in [a % x.ndim for a in axes]]
        order = [*rest, *(a % x.ndim for a in axes)]
        there = x.permute(order)
        y = getattr(torch(), name)(there.flatten(len(rest)), dim=-1).reshape(there.shape)
        return y.permute([order.index(dim) for dim in range(x.ndim)])

    return call


def at(index: Any) -> Any:
    """Write an index as PyTorch takes it: no negative steps, no lists for arrays."""
    if isinstance(index, tuple):
        return tuple(map(at, index))
    return torch().tensor(index) if isinstance(index, list) else index


def forwards(x: Any, index: Any) -> tuple[Any, Any]:
    """Turn the first axis round for an index that walks it backwards."""
    if isinstance(index, slice) and (index.step or 1) < 0:
        return x.flip(0), slice(None, None, -index.step)
    return x, at(index)


def getitem(x: Any, *, index: Any) -> Any:
    x, index = forwards(x, index)
    return x[index]


def put(x: Any, *, index: Any, shape: Any) -> Any:
    y = torch().zeros(shape, dtype=x.dtype)
    index = index.tolist() if isinstance(index, np.ndarray) else index
    if isinstance(index, slice) and (index.step or 1) < 0:
        y[slice(None, None, -index.step)] = x
        return y.flip(0)
    if isinstance(index, list) and isinstance(index[0], bool | list):
        return y.masked_scatter(torch().tensor(index), x)
    if isinstance(index, list) or (isinstance(index, tuple) and isinstance(index[0], list)):
        rows, *rest = index if isinstance(index, tuple) else (index,)
        part = y[(slice(None), *rest)].index_add(0, torch().tensor(rows), x)
        y[(slice(None), *rest)] = part
        return y
    y[at(index)] = x
    return y


def setitem(x: Any, value: Any, *, index: Any) -> Any:
    y = x.clone()
    y[at(index)] = value
    return y


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    return torch().clamp(x, low, high)


def replace_nonfinite(x: Any, *, nan: Any, posinf: Any, neginf: Any) -> Any:
    return torch().nan_to_num(x, nan, posinf, neginf)


def reshape(x: Any, *, shape: Any) -> Any:
    return x.reshape(shape)


def transpose(x: Any, *, axes: Any = None) -> Any:
    return x.permute(tuple(range(x.ndim))[::-1] if axes is None else axes)


def diagonal(x: Any, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return x.diagonal(offset, axis1, axis2)


def on_diagonal(x: Any, *, shape: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return torch().zeros(shape, dtype=x.dtype).diagonal_scatter(x, offset, axis1, axis2)


def einsum(*operands: Any, subscripts: str, optimize: Any) -> Any:
    return torch().einsum(subscripts, *operands)


def convolve(a: Any, v: Any, *, mode: str = "full") -> Any:
    """PyTorch's convolution does not turn the kernel round, and has one of its own for channels."""
    if len(a) < len(v):
        a, v = v, a
    full = torch().nn.functional.conv1d(a[None, None], v.flip(0)[None, None], padding=len(v) - 1)
    cut = {"full": 0, "same": (len(v) - 1) // 2, "valid": len(v) - 1}[mode]
    size = {"full": len(a) + len(v) - 1, "same": len(a), "valid": len(a) - len(v) + 1}[mode]
    return full[0, 0, cut : cut + size]


def fourier(name: str) -> Callable[..., Any]:
    def call(x: Any, *, axis: int, norm: Any, **settings: Any) -> Any:
        return getattr(torch().fft, name)(x, dim=axis, norm=norm, **settings)

    return call


def lower(x: Any) -> Any:
    """Make the symmetric (Hermitian) matrix of which NumPy's functions read the lower triangle."""
    below, diagonal = x.tril(-1), x.diagonal(0, -2, -1)
    real = diagonal.real.to(x.dtype) if x.is_complex() else diagonal
    return below + below.mH + torch().diag_embed(real)


def eigh(a: Any, *, UPLO: str = "L") -> Any:
    return torch().linalg.eigh(lower(a if UPLO.upper() == "L" else a.mH))


def norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:
    dims = tuple(range(x.ndim)) if axis is None else axis
    return torch().linalg.vector_norm(x, ord, dim=dims, keepdim=keepdims)


def imag(x: Any) -> Any:
    return x.imag if x.is_complex() else x * 0


SAME_NAME = names("""
    absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh clone copysign cos cosh
    deg2rad divide erf erfc exp exp2 expm1 fmax fmin fmod hypot log log10 log1p log2
    logaddexp logaddexp2 logit matmul maximum minimum multiply negative nextafter positive rad2deg
    real reciprocal relu remainder sigmoid sin sinc sinh sqrt square subtract tan tanh where
""")

ACTIVATIONS = names("""
    celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu mish relu6 selu silu
    softshrink softsign tanhshrink threshold
""")


def activation(name: str) -> Callable[..., Any]:
    return lambda *inputs, **settings: getattr(torch().nn.functional, name)(*inputs, **settings)


def nll(x: Any, *, index: Any, weight: Any) -> Any:
    return -(x[index] * torch().as_tensor(np.asarray(weight))).sum()


def binary_cross_entropy(p: Any, t: Any) -> Any:
    return torch().nn.functional.binary_cross_entropy(p, t, reduction="none")


def lstm(sums: Any, h: Any, c: Any, weight: Any) -> Any:
    steps = []
    for x in sums:
        i, f, g, o = (x + h @ weight.T).chunk(4, dim=1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * c.tanh()
        steps.append((h, c.T, torch().cat([o, i, f, g], dim=1).T))
    return tuple(map(torch().stack, zip(*steps)))


def gru(sums: Any, h: Any, weight: Any, bias: Any) -> Any:
    steps = []
    for x in sums:
        (x_r, x_z, x_n), (h_r, h_z, h_n) = x.chunk(3, dim=1), (h @ weight.T + bias).chunk(3, dim=1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        n = (x_n + r * h_n).tanh()
        h = n + z * (h - n)
        steps.append((h, torch().cat([r, z, n], dim=1).T, h_n.T))
    return tuple(map(torch().stack, zip(*steps)))


TORCH: dict[str, Callable[..., Any]] = {name: named(name) for name in SAME_NAME} | {
    **{name: activation(name) for name in ACTIVATIONS},
    "prelu": lambda x, w: torch().where(x > 0, x, w * x),
    "gru": gru,
    "lstm": lstm,
    "nll": nll,
    "normal_cdf": named("special.ndtr"),
    "binary_cross_entropy": binary_cross_entropy,
    "astype": lambda x, *, dtype: x.to(torch().float64),
    "broadcast_to": lambda x, *, shape: torch().broadcast_to(x, shape),
    "cholesky": lambda x: torch().linalg.cholesky(lower(x)),
    "clip": clip,
    "concatenate": lambda *arrays, axis=0: torch().cat(arrays, axis),
    "conjugate": named("conj"),
    "conv": torch_windows.conv,
    "conv_transpose": torch_windows.conv_transpose,
    "conv_weight": torch_windows.conv_weight,
    "convolve": convolve,
    "cumprod": lambda x, *, axis: torch().cumprod(x, axis),
    "cumsum": lambda x, *, axis: torch().cumsum(x, axis),
    "degrees": named("rad2deg"),
    "det": named("linalg.det"),
    "diagonal": diagonal,
    "digamma": named("digamma"),
    "eigh": eigh,
    "einsum": einsum,
    "fabs": named("abs"),
    "fft": fourier("fft"),
    "fraction": named("frac"),
    "gammaln": named("lgamma"),
    "i0": named("i0"),
    "getitem": getitem,
    "hfft": fourier("hfft"),
    "ifft": fourier("ifft"),
    "ihfft": fourier("ihfft"),
    "imag": imag,
    "inv": named("linalg.inv"),
    "irfft": fourier("irfft"),
    "ldexp": lambda a, b: a * torch().exp2(b.to(a.dtype)),
    "linear": named("nn.functional.linear"),
    "log_sigmoid": named("nn.functional.logsigmoid"),
    "log_softmax": softmax("log_softmax"),
    "logsumexp": over_axes("logsumexp"),
    "mantissa": lambda x: torch().frexp(x)[0],
    "matrix_transpose": lambda x: x.mT,
    "max": over_axes("amax"),
    "max_pool": torch_windows.max_pool,
    "mean": over_axes("mean"),
    "min": over_axes("amin"),
    "nanmax": extreme(-np.inf),
    "nanmin": extreme(np.inf),
    "norm": norm,
    "on_diagonal": on_diagonal,
    "partition": lambda x, *, kth, axis=-1: x.sort(axis)[0],
    "pinv": lambda a, *, rcond=1e-15: torch().linalg.pinv(a, rtol=rcond),
    "polygamma": lambda x, *, n: torch().special.polygamma(n, x),
    "power": named("pow"),
    "prod": prod,
    "put": put,
    "qr": lambda x, *, mode: torch().linalg.qr(x, mode),
    "radians": named("deg2rad"),
    "replace_nonfinite": replace_nonfinite,
    "reshape": reshape,
    "rfft": fourier("rfft"),
    "setitem": setitem,
    "slogdet": named("linalg.slogdet"),
    "softmax": softmax("softmax"),
    "softplus": lambda x: torch().nn.functional.softplus(x, threshold=1e9),
    "solve": named("linalg.solve"),
    "sort": lambda x, *, axis=-1: x.sort(axis)[0],
    "stack": lambda *arrays, axis=0: torch().stack(arrays, axis),
    "standardize": torch_windows.standardize,
    "std": over_axes("std", correction=0),
    "sum": over_axes("sum"),
    "sum_pool": torch_windows.sum_pool,
    "sum_unpool": torch_windows.sum_unpool,
    "svd": lambda x, *, full_matrices: torch().linalg.svd(x, full_matrices),
    "transpose": transpose,
    "unstack": lambda x, *, axis: x.unbind(axis),
    "var": over_axes("var", correction=0),
    "xlogy": named("xlogy"),
}

NOT_IN_TORCH: dict[str, str] = {
    "bell": "exp(-x^2) has no name there",
    "cbrt": "no cube root",
    "cofactor": "no matrix of cofactors",
    "eig": "its vectors are normalized to another phase; see ops/test_linalg_torch.py",
    "fold": "its own takes two axes, laid out in another way; see nn/test_conv_torch.py",
    "heaviside": "it has no derivative there",
    "log1mexp": "no log(1 - exp(-x))",
    "max_pick": "it counts the places in an image, and not in a window",
    "max_unpool": "it counts the places in an image, and not in a window",
    "nth_i0": "only i0 and i1 themselves",
    "sinc_derivative": "only sinc itself",
    "unfold": "its own takes two axes, laid out in another way; see nn/test_conv_torch.py",
    "unwrap": "no phases without jumps",
}

UNLIKE: dict[str, str] = {
    "det-3": "PyTorch has the gradient 0 at a singular matrix, whose cofactors are not 0",
    **{f"hardsigmoid-{i}": "PyTorch's slope is the float32 nearest to 1/6" for i in range(6)},
    "std-8": "PyTorch warns about too few elements in rows of which there are none",
    "var-8": "PyTorch warns about too few elements in rows of which there are none",
    **{f"setitem-{number}": "PyTorch gives a gradient to what was overwritten at the same index"
       for number in (4, 8, 9)},
    **{f"{name}-6": "PyTorch transforms no empty arrays"
       for name in ("fft", "ifft", "rfft", "ihfft", "irfft", "hfft")},
}  # fmt: skip
"""Sample calls in which the two differ, and why."""

LESS_EXACT: dict[str, str] = {
    "celu": "PyTorch rounds alpha to float32 on the way back",
    "digamma": "PyTorch's trigamma, which is its slope, has nine digits",
    "polygamma": "PyTorch's trigamma has nine digits",
}

NOT_COMPLEX = names("""
    conv_transpose conv_weight standardize
    binary_cross_entropy celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu mish nll
    prelu relu6 selu silu softshrink tanhshrink threshold
    astype clip fmax fmin logit max maximum min minimum nanmax nanmin partition relu
    replace_nonfinite sort xlogy
""")
"""Ops that PyTorch has for real numbers only, or for complex ones with a conjugate in them."""
