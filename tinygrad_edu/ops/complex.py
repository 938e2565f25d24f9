"""Complex numbers: their parts, conjugates and angles.

The convention is that of JAX and of HIPS autograd. The gradient of a real number f with respect
to ``z = x + iy`` is ``df/dx - i df/dy``: then ``df`` is the real part of ``gradient * dz``, and the
rule of a function with a complex derivative is ``dy * f'(z)``, as for real numbers. PyTorch's
gradient is the conjugate of this one. A step downhill is ``z -= step * np.conj(z.grad)``.

Here are the functions without a complex derivative, whose rules follow from that definition.
"""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements, plain
from tinygrad_edu.op import differentiable

SHAPES = ((), (1,), (3,), (2, 3), (2, 1, 2), (1, 4), (0, 3))
CASES = [case(x) for x in SHAPES]


def imag_x(dy: Any, y: Any, x: Any) -> Any:
    """-i dy; a real number has no imaginary part whatever it is."""
    return dy * -1j if x.dtype.kind == "c" else dy * 0


@implements(np.real)
@differentiable(x=lambda dy, y, x: dy, cases=CASES)
def real(x: Any) -> Any:
    """The real part, as ``np.real``."""
    return np.real(x)


@implements(np.imag)
@differentiable(x=imag_x, cases=CASES)
def imag(x: Any) -> Any:
    """The imaginary part, as ``np.imag``."""
    return np.imag(x)


@implements(np.conjugate)
@differentiable(x=lambda dy, y, x: np.conjugate(dy), cases=CASES)
def conjugate(x: Any) -> Any:
    """The complex conjugate: the imaginary part with the opposite sign."""
    return np.conjugate(x)


@implements(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """``np.angle``; at 0, where there is none, its gradient is promised to be 0."""
    radians = np.arctan2(np.imag(z), np.real(z))
    return radians * (180 / pi) if deg else radians


@implements(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    """``np.real_if_close``: the real part if all imaginary parts are within rounding of 0."""
    return a if np.iscomplexobj(np.real_if_close(plain(a), tol)) else np.real(a)
