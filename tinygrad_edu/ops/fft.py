"""Fourier transforms, along any axes, of real and complex numbers.

A transform is a product with a symmetric matrix, so its transpose is itself, and the rule of `fft`
is `fft`: this is what the convention for complex gradients buys, in which rules are transposes and
nothing is conjugated. (In PyTorch's, the gradient is an inverse transform, unscaled.)

The real transforms leave out the half of the frequencies that mirrors the other. Each that is kept
stands for two, but for the frequency 0 and, of an even length, the highest; that is what `weights`
count, and with them the four real transforms are each other's rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.index import put
from tinygrad_edu.ops.products import axis_number
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, concatenate

HINT = "the axis must be there and not be empty; norm is 'backward', 'ortho' or 'forward'"


# -------------------------------------------------------------------------- one axis, all of it
def weights(x: Any, n: int, axis: int) -> Any:
    """Count, for the kept frequencies of ``n`` real numbers, how many each of them stands for."""
    counts = np.full(n // 2 + 1, 2, x.real.dtype if x.dtype.kind == "c" else x.dtype)
    counts[0] = 1
    if n % 2 == 0:
        counts[-1] = 1
    return counts.reshape((-1,) + (1,) * (x.ndim - 1 - axis % x.ndim))


SAME = [case((4,), axis=-1, norm=None), case((5,), axis=0, norm="ortho"),
           case((2, 3), axis=0, norm="forward"), case((2, 3), axis=-1, norm="backward"),
           case((1,), axis=0, norm=None), case((2, 3, 2), axis=1, norm=None),
           case((0, 2), axis=1, norm=None)]  # fmt: skip
TO_REAL = [case((3,), n=4, axis=-1, norm=None), case((3,), n=5, axis=0, norm="ortho"),
           case((2, 3), n=3, axis=0, norm="forward"), case((2, 3), n=4, axis=-1, norm="backward"),
           case((1,), n=1, axis=0, norm=None), case((2, 2, 2), n=2, axis=1, norm=None),
           case((0, 2), n=2, axis=1, norm=None)]  # fmt: skip


def fft_x(dy: Any, y: Any, x: Any, *, axis: int, norm: Any) -> Any:
    """The matrix of the transform is symmetric: the same once more."""
    return fft_op(dy, axis=axis, norm=norm)


def ifft_x(dy: Any, y: Any, x: Any, *, axis: int, norm: Any) -> Any:
    """The matrix of the transform is symmetric: the same once more."""
    return ifft_op(dy, axis=axis, norm=norm)


@differentiable(name="fft", x=fft_x, cases=SAME, hint=HINT)
def fft_op(x: Any, *, axis: int, norm: Any) -> Any:
    """``y[k] = sum_j x[j] exp(-2 pi i jk/n)``."""
    return np.fft.fft(x, None, axis, norm)


@differentiable(name="ifft", x=ifft_x, cases=SAME, hint=HINT)
def ifft_op(x: Any, *, axis: int, norm: Any) -> Any:
    """``y[k] = sum_j x[j] exp(2 pi i jk/n) / n``."""
    return np.fft.ifft(x, None, axis, norm)


def rfft_x(dy: Any, y: Any, x: Any, *, axis: int, norm: Any) -> Any:
    """Transform back from the kept frequencies, each counted once."""
    n = x.shape[axis]
    return hfft_op(dy / weights(dy, n, axis), n=n, axis=axis, norm=norm)


def ihfft_x(dy: Any, y: Any, x: Any, *, axis: int, norm: Any) -> Any:
    """Transform back from the kept frequencies, each counted once."""
    n = x.shape[axis]
    return irfft_op(dy / weights(dy, n, axis), n=n, axis=axis, norm=norm)


@differentiable(name="rfft", x=rfft_x, cases=SAME, hint=HINT)
def rfft_op(x: Any, *, axis: int, norm: Any) -> Any:
    """`fft_op` of real numbers, without the frequencies that mirror others."""
    return np.fft.rfft(x, None, axis, norm)


@differentiable(name="ihfft", x=ihfft_x, cases=SAME, hint=HINT)
def ihfft_op(x: Any, *, axis: int, norm: Any) -> Any:
    """`ifft_op` of real numbers, without the frequencies that mirror others."""
    return np.fft.ihfft(x, None, axis, norm)


def irfft_x(dy: Any, y: Any, x: Any, *, n: int, axis: int, norm: Any) -> Any:
    """Each kept frequency as often as it was counted."""
    return weights(dy, n, axis) * ihfft_op(dy, axis=axis, norm=norm)


def hfft_x(dy: Any, y: Any, x: Any, *, n: int, axis: int, norm: Any) -> Any:
    """Each kept frequency as often as it was counted."""
    return weights(dy, n, axis) * rfft_op(dy, axis=axis, norm=norm)


@differentiable(name="irfft", x=irfft_x, cases=TO_REAL, hint=HINT)
def irfft_op(x: Any, *, n: int, axis: int, norm: Any) -> Any:
    """The ``n`` real numbers of which `rfft_op` gives ``x``."""
    return np.fft.irfft(x, n, axis, norm)


@differentiable(name="hfft", x=hfft_x, cases=TO_REAL, hint=HINT)
def hfft_op(x: Any, *, n: int, axis: int, norm: Any) -> Any:
    """The ``n`` real numbers of which `ihfft_op` gives ``x``."""
    return np.fft.hfft(x, n, axis, norm)


# ----------------------------------------------------------------------- one axis, cut or padded
def resized(x: Any, n: int | None, axis: int) -> Any:
    """Cut an axis off at ``n`` elements, or fill it up with zeros."""
    axis = axis_number(axis, x.ndim)
    if n is None or n == x.shape[axis]:
        return x
    if n < 1:
        raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    index = (slice(None),) * axis + (slice(min(n, x.shape[axis])),)
    if n < x.shape[axis]:
        return x[index]
    return put(x, index=index, shape=(*x.shape[:axis], n, *x.shape[axis + 1 :]))


def of_same_size(function: Any, op: Any) -> Any:
    """Give NumPy's signature to a transform that has as many outputs as inputs, or half."""

    @implements(function)
    def transform(
        a: Any, n: int | None = None, axis: int = -1, norm: Any = None, out: Any = None
    ) -> Any:
        refuse(f"fft.{function.__name__}", out=out)
        return op(resized(as_array(a), n, axis), axis=axis, norm=norm)

    return named(transform, function)


def to_real(function: Any, op: Any) -> Any:
    """Give NumPy's signature to a transform that has twice as many outputs as inputs."""

    @implements(function)
    def transform(
        a: Any, n: int | None = None, axis: int = -1, norm: Any = None, out: Any = None
    ) -> Any:
        refuse(f"fft.{function.__name__}", out=out)
        a = as_array(a)
        n = 2 * (a.shape[axis_number(axis, a.ndim)] - 1) if n is None else n
        if n < 1:
            raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
        return op(resized(a, n // 2 + 1, axis), n=n, axis=axis, norm=norm)

    return named(transform, function)


def named(ours: Any, function: Any) -> Any:
    """Give a function the name of NumPy's."""
    ours.__name__ = ours.__qualname__ = function.__name__
    ours.__doc__ = f"As ``np.fft.{function.__name__}``."
    return ours


fft = of_same_size(np.fft.fft, fft_op)
ifft = of_same_size(np.fft.ifft, ifft_op)
rfft = of_same_size(np.fft.rfft, rfft_op)
ihfft = of_same_size(np.fft.ihfft, ihfft_op)
irfft = to_real(np.fft.irfft, irfft_op)
hfft = to_real(np.fft.hfft, hfft_op)


# -------------------------------------------------------------------------------- several axes
def in_turn(a: Any, s: Any, axes: Any, norm: Any, transforms: Sequence[Any]) -> Any:
    """Transform one axis after the other, and the last axis of ``axes`` in a way of its own.

    ``transforms`` are that for the last axis, that for the others, and whether the last is first.
    """
    of_last, of_others, last_first = transforms
    a = as_array(a)
    if axes is None:
        axes = range(a.ndim) if s is None else range(-len(s), 0)
    axes = [axis_number(axis, a.ndim) for axis in axes]
    if s is not None and len(s) != len(axes):
        raise ValueError("Shape and axes have different lengths.")
    if of_last is not of_others and not axes:
        raise IndexError("a real transform needs at least one axis")
    sizes = [None] * len(axes) if s is None else s
    turns = [(i, a.shape[i] if n == -1 else n) for i, n in zip(axes, sizes)]
    functions = [*[of_others] * (len(axes) - 1), of_last][-len(axes) :] if axes else []
    steps = list(zip(functions, turns))
    for function, (axis, n) in reversed(steps) if last_first else steps:
        a = function(a, n, axis, norm)
    return a


def over_axes(function: Any, default: Any, *transforms: Any) -> Any:
    """Give NumPy's signature to a transform over several axes."""

    @implements(function)
    def transform(
        a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None
    ) -> Any:
        refuse(f"fft.{function.__name__}", out=out)
        return in_turn(a, s, axes, norm, transforms)

    return named(transform, function)


fft2 = over_axes(np.fft.fft2, (-2, -1), fft, fft, True)
fftn = over_axes(np.fft.fftn, None, fft, fft, True)
ifft2 = over_axes(np.fft.ifft2, (-2, -1), ifft, ifft, True)
ifftn = over_axes(np.fft.ifftn, None, ifft, ifft, True)
rfft2 = over_axes(np.fft.rfft2, (-2, -1), rfft, fft, True)
rfftn = over_axes(np.fft.rfftn, None, rfft, fft, True)
irfft2 = over_axes(np.fft.irfft2, (-2, -1), irfft, ifft, False)
irfftn = over_axes(np.fft.irfftn, None, irfft, ifft, False)


# ------------------------------------------------------------------------------------- order
def rolled(x: Any, axes: Any, shift: Callable[[int], int]) -> Any:
    """Move the elements along axes, those that fall off the end to the start."""
    x = as_array(x)
    if axes is None:
        axes = range(x.ndim)
    for axis in axes if np.iterable(axes) else (axes,):
        axis = axis_number(axis, x.ndim)
        cut = x.shape[axis] - shift(x.shape[axis])
        behind = (*[slice(None)] * axis, slice(cut, None))
        before = (*[slice(None)] * axis, slice(cut))
        if cut < x.shape[axis]:
            x = concatenate(x[behind], x[before], axis=axis)
    return x


@implements(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    """``np.fft.fftshift``: the frequency 0 to the middle."""
    return rolled(x, axes, lambda n: n // 2)


@implements(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """``np.fft.ifftshift``: the frequency 0 back to the start."""
    return rolled(x, axes, lambda n: n - n // 2)
