"""At least one wrong call of every op, the error that it raises, and words that the error must say.

Every message must also name the op and the shape of every array, which need not be repeated here.
A new op of one operand that works element by element is added to ``ONE_BY_ONE``, one of two
operands that broadcast to ``TWO_BY_TWO``; all others have lines of their own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from samples import names


class Wrong(NamedTuple):
    """A call that must fail: a tuple is the shape of a Tensor of ones, all else is given as is."""

    inputs: tuple[Any, ...]
    error: type[Exception]
    words: str
    settings: dict[str, Any]


def wrong(*inputs: Any, error: type[Exception], words: str, **settings: Any) -> Wrong:
    return Wrong(inputs, error, words, settings)


ONE_BY_ONE = names("""
    absolute arccos arccosh arcsin arcsinh arctan arctanh bell cbrt clone conjugate cos cosh deg2rad
    degrees digamma erf erfc exp exp2 expm1 fabs fraction gammaln i0 imag log log10 log1mexp log1p
    log2 log_sigmoid logit mantissa negative positive rad2deg radians real reciprocal relu sigmoid
    sin sinc sinh softplus sqrt square tan tanh celu elu gelu hardshrink hardsigmoid hardswish
    hardtanh leaky_relu mish normal_cdf relu6 selu silu softshrink softsign tanhshrink
""")
TWO_BY_TWO = names("""
    add arctan2 clip copysign divide fmax fmin fmod heaviside hypot logaddexp logaddexp2 maximum
    minimum multiply nextafter power remainder subtract xlogy prelu binary_cross_entropy
""")
REAL_NUMBERS = names("""
    bell cbrt deg2rad degrees digamma erf erfc fabs fraction gammaln i0 log_sigmoid log_softmax
    logsumexp mantissa rad2deg radians softmax softplus unwrap gelu normal_cdf softsign
""")
REDUCTIONS = names("""
    logsumexp log_softmax max mean min nanmax nanmin norm prod softmax std sum var
""")
SQUARE_MATRICES = names("cholesky det eig eigh inv slogdet")

SLIDING: dict[str, Any] = {"stride": (1,), "padding": ((0, 0),), "dilation": (1,)}

ERRORS: dict[str, list[Wrong]] = {
    "astype": [wrong((3,), dtype="no such type", error=TypeError, words="'no such type'")],
    "celu": [wrong((3,), alpha=0.0, error=ValueError, words="alpha must not be 0")],
    "gelu": [wrong((3,), approximate="sigmoid", error=ValueError, words="'none' or 'tanh'")],
    "hardtanh": [wrong((3,), min_val=1.0, max_val=-1.0, error=ValueError, words="below max_val")],
    "nll": [wrong((2, 3), index=([0, 1], [1, 3]), weight=1.0, error=IndexError, words="index 3"),
            wrong((2, 3), index=([0, 1], [1, 2]), weight=[1.0, 1.0, 1.0],
                  error=ValueError, words="one weight for each")],
    "gru": [wrong((2, 3, 6), (3, 2), (6, 2), (1,), error=ValueError, words="the bias has not"),
            wrong((2, 3, 6), (3, 2), (6, 1), (6,), error=ValueError, words="do not fit together")],
    "lstm": [wrong((2, 3, 8), (1, 2), (3, 2), (8, 2),
                   error=ValueError, words="do not fit together")],
    "softshrink": [wrong((3,), lambd=-0.5, error=ValueError, words="lambd=-0.5")],
    "threshold": [wrong((3,), error=TypeError, words="threshold")],
    "broadcast_to": [wrong((3,), shape=(2, 4), error=ValueError, words="(2, 4)"),
                     wrong((2, 3), shape=(3,), error=ValueError, words="shape=(3,)")],
    "cholesky": [wrong([[1.0, 2.0], [2.0, 1.0]], error=np.linalg.LinAlgError, words="positive")],
    "clip": [wrong((3,), (2,), (2,), error=ValueError, words="broadcast")],
    "cofactor": [wrong((2, 3), error=ValueError, words="square")],
    "concatenate": [wrong((2, 3), (2, 4), error=ValueError, words="axis that is joined"),
                    wrong((2,), (2,), axis=1, error=np.exceptions.AxisError, words="axis=1")],
    "conv": [wrong((2, 3, 5), (2, 4, 2), **SLIDING, groups=1, error=ValueError, words="channels"),
             wrong((2, 3, 5), (2, 3, 7), **SLIDING, groups=1, error=ValueError, words="kernel")],
    "conv_transpose": [wrong((2, 2, 4), (2, 3, 2), size=(9,), **SLIDING, groups=1,
                             error=ValueError, words="size=(9,)")],
    "conv_weight": [wrong((2, 3, 5), (3, 2, 4), kernel=(2,), **SLIDING, groups=1,
                          error=ValueError, words="channels")],
    "convolve": [wrong((2, 2), (3,), error=ValueError, words="vectors"),
                 wrong((0,), (3,), error=ValueError, words="at least one element"),
                 wrong((3,), (3,), mode="half", error=ValueError, words="'half'")],
    "cumprod": [wrong((2, 3), axis=2, error=np.exceptions.AxisError, words="axis=2")],
    "cumsum": [wrong((2, 3), axis=2, error=np.exceptions.AxisError, words="axis=2")],
    "diagonal": [wrong((3,), error=ValueError, words="two"),
                 wrong((3, 3), axis1=1, axis2=1, error=ValueError, words="two different axes")],
    "einsum": [wrong((2, 3), (4, 5), subscripts="ij,jk->ik", optimize=False,
                     error=ValueError, words="'ij,jk->ik'"),
               wrong((2, 3), subscripts="ii->i", optimize=False,
                     error=ValueError, words="'ii->i'")],
    "eigh": [wrong((2, 2), UPLO="X", error=ValueError, words="UPLO='X'")],
    "fold": [wrong((2, 3, 2, 3), size=(9,), kernel=(2,), **SLIDING,
                   error=ValueError, words="size (9,)")],
    "fft": [wrong((4,), axis=0, norm="half", error=ValueError, words="'ortho'"),
            wrong((0,), axis=0, norm=None, error=ValueError, words="empty")],
    "getitem": [wrong((3,), index=5, error=IndexError, words="index=5"),
                wrong((2, 3), index=(0, 0, 0), error=IndexError, words="too many"),
                wrong((3,), index=np.array([True, False]), error=IndexError, words="mask"),
                wrong((3,), index=1.5, error=IndexError, words="1.5")],
    "hfft": [wrong((3,), n=4, axis=2, norm=None, error=np.exceptions.AxisError, words="axis=2"),
             wrong((3,), n=0, axis=0, norm=None, error=ValueError, words="n=0")],
    "ifft": [wrong((4,), axis=0, norm="half", error=ValueError, words="'ortho'")],
    "ihfft": [wrong((4,), axis=0, norm="half", error=ValueError, words="'ortho'")],
    "inv": [wrong([[1.0, 2.0], [2.0, 4.0]], error=np.linalg.LinAlgError, words="Singular")],
    "irfft": [wrong((3,), n=4, axis=2, norm=None, error=np.exceptions.AxisError, words="axis=2"),
              wrong((3,), n=0, axis=0, norm=None, error=ValueError, words="n=0")],
    "ldexp": [wrong((3,), np.array([1, 2]), error=ValueError, words="broadcast"),
              wrong((3,), (3,), error=TypeError, words="not supported for the input types")],
    "linear": [wrong((2, 3), (4, 5), (4,), error=ValueError, words="weight is (out, in)"),
               wrong((2, 3), (4, 3), (3,), error=ValueError, words="bias")],
    "matmul": [wrong((2, 3), (4, 5), error=ValueError, words="is a .T missing?"),
               wrong((2, 3), (2,), error=ValueError, words="is a .T missing?"),
               wrong((), (3,), error=ValueError, words="dimensions"),
               wrong((3, 2, 3), (2, 3, 2), error=ValueError, words="broadcast")],
    "matrix_transpose": [wrong((3,), error=ValueError, words="at least two axes")],
    "max": [wrong((0, 3), axis=0, error=ValueError, words="zero-size")],
    "max_pick": [wrong((1, 2, 6), np.array([[[0, 1]]]), kernel=(2,), **SLIDING,
                       error=ValueError, words="images")],
    "max_pool": [wrong((2, 3, 1), kernel=(2,), **SLIDING, error=ValueError, words="kernel")],
    "max_unpool": [wrong((1, 2, 3), np.array([[[0, 1, 1]]]), size=(6,), kernel=(2,), **SLIDING,
                         error=ValueError, words="images")],
    "min": [wrong((0, 3), axis=0, error=ValueError, words="zero-size")],
    "nanmax": [wrong((0, 3), axis=0, error=ValueError, words="zero-size")],
    "nanmin": [wrong((0, 3), axis=0, error=ValueError, words="zero-size")],
    "nth_i0": [wrong((3,), n=1.5, error=TypeError, words="n=1.5"),
               wrong((3,), n=-1, error=ValueError, words="n=-1")],
    "on_diagonal": [wrong((3,), shape=(2, 2), error=ValueError, words="shape=(2, 2)"),
                    wrong((2,), shape=(2,), error=ValueError, words="two different axes")],
    "partition": [wrong((3,), kth=5, error=ValueError, words="kth=5")],
    "pinv": [wrong((3,), rcond=1e-9, error=np.linalg.LinAlgError, words="matrix")],
    "polygamma": [wrong((3,), n=-1, error=ValueError, words="n=-1"),
                  wrong((3,), n=1.5, error=TypeError, words="n=1.5"),
                  wrong(np.array([1j]), n=1, error=TypeError, words="complex128")],
    "put": [wrong((2,), index=[0, 7], shape=(3,), error=IndexError, words="index 7"),
            wrong((2,), index=slice(0, 3), shape=(3,), error=ValueError, words="shape=(3,)")],
    "qr": [wrong((3,), mode="reduced", error=np.linalg.LinAlgError, words="matrix"),
           wrong((3, 3), mode="sideways", error=ValueError, words="'sideways'")],
    "replace_nonfinite": [wrong((3,), nan="zero", posinf=None, neginf=None,
                                error=TypeError, words="'zero'")],
    "reshape": [wrong((2, 3), shape=(4, 2), error=ValueError, words="shape=(4, 2)"),
                wrong((2, 3), shape=(-1, 4), error=ValueError, words="-1")],
    "rfft": [wrong((4,), axis=0, norm="half", error=ValueError, words="'ortho'"),
             wrong(np.array([1j]), axis=0, norm=None, error=TypeError, words="complex128")],
    "setitem": [wrong((3,), (), index=5, error=IndexError, words="index=5"),
                wrong((3,), (2,), index=slice(None), error=ValueError, words="broadcast")],
    "sinc_derivative": [wrong((3,), order=1.5, error=TypeError, words="order=1.5")],
    "solve": [wrong((2, 3), (2,), error=np.linalg.LinAlgError, words="square"),
              wrong((3, 3), (2,), error=ValueError, words="(..., n, 1)")],
    "sort": [wrong((3,), axis=1, error=np.exceptions.AxisError, words="axis=1")],
    "standardize": [wrong((2, 3), axis=(2,), eps=0.1,
                          error=np.exceptions.AxisError, words="axis=(2,)")],
    "stack": [wrong((2,), (3,), error=ValueError, words="same shape"),
              wrong((2,), (2,), axis=4, error=np.exceptions.AxisError, words="axis=4")],
    "sum_pool": [wrong((2, 3, 1), kernel=(2,), **SLIDING, error=ValueError, words="kernel")],
    "sum_unpool": [wrong((2, 3, 3), size=(2,), kernel=(2,), **SLIDING,
                         error=ValueError, words="size=(2,)")],
    "svd": [wrong((3,), full_matrices=False, error=np.linalg.LinAlgError, words="matrix")],
    "transpose": [wrong((2, 3), axes=(0, 0), error=ValueError, words="every axis once"),
                  wrong((2, 3), axes=(0, 1, 2), error=ValueError, words="every axis once")],
    "unfold": [wrong((2, 3, 1), kernel=(2,), **SLIDING, error=ValueError, words="kernel")],
    "unstack": [wrong((2, 3), axis=2, error=np.exceptions.AxisError, words="axis=2")],
    "unwrap": [wrong((3,), axis=1, error=np.exceptions.AxisError, words="axis=1")],
    "where": [wrong(np.array([True, False]), (3,), (2,), error=ValueError, words="broadcast")],
}  # fmt: skip

for ops, sample in (
    (ONE_BY_ONE, wrong((2, 3), axis=0, error=TypeError, words="axis=0")),
    (TWO_BY_TWO, wrong((2, 3), (4,), error=ValueError, words="broadcast")),
    (REAL_NUMBERS, wrong(np.array([1j, 2.0]), error=TypeError, words="complex128")),
    (REDUCTIONS, wrong((2, 3), axis=2, error=np.exceptions.AxisError, words="axis=2")),
    (SQUARE_MATRICES, wrong((2, 3), error=np.linalg.LinAlgError, words="square")),
):
    for name in ops:
        ERRORS.setdefault(name, []).append(sample)
