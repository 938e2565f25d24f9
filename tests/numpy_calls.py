"""A call of every function of NumPy on a Tensor x, a symmetric 3 x 3 matrix, or on its row v.

Most functions take x alone, or two or three of it; here is what the others want.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import tinygrad_edu as tg

MATRIX = np.array([[0.4, 0.1, 0.05], [0.1, 0.6, 0.15], [0.05, 0.15, 0.8]])
MASK = MATRIX > 0.2
Call = Callable[[Any], Any]


def into(write: Callable[[Any, Any], Any]) -> Call:
    """Write something computed from x into a result of its own; return that."""

    def call(x: Any) -> Any:
        target = x * 1.0
        write(target, x)
        return target

    return call


CALLS: dict[str, Call] = {
    "np.acosh": lambda x: np.acosh(x + 1),
    "np.arccosh": lambda x: np.arccosh(x + 1),
    "np.argpartition": lambda x: np.argpartition(x, 1),
    "np.apply_along_axis": lambda x: np.apply_along_axis(np.sum, 0, x),
    "np.apply_over_axes": lambda x: np.apply_over_axes(np.sum, x, (0, 1)),
    "np.array_split": lambda x: np.array_split(x, 2),
    "np.bincount": lambda x: np.bincount([0, 1, 1], x[0]),
    "np.bitwise_count": lambda x: np.bitwise_count((x > 1).astype(int)),
    "np.broadcast_to": lambda x: np.broadcast_to(x, (2, 3, 3)),
    "np.can_cast": lambda x: np.can_cast(x.dtype, float),
    "np.choose": lambda x: np.choose([0, 1, 0], [x[0], x[1]]),
    "np.compress": lambda x: np.compress([True, False, True], x, 0),
    "np.convolve": lambda x: np.convolve(x[0], x[1]),
    "np.correlate": lambda x: np.correlate(x[0], x[1]),
    "np.cumulative_prod": lambda x: np.cumulative_prod(x, axis=0),
    "np.cumulative_sum": lambda x: np.cumulative_sum(x, axis=0),
    "np.datetime_as_string": lambda x: np.datetime_as_string(x),
    "np.delete": lambda x: np.delete(x, 1),
    "np.digitize": lambda x: np.digitize(x, [0.0, 0.5]),
    "np.dsplit": lambda x: np.dsplit(x[None], [1]),
    "np.einsum": lambda x: np.einsum("ij,jk", x, x),
    "np.einsum_path": lambda x: np.einsum_path("ij,jk", x, x),
    "np.expand_dims": lambda x: np.expand_dims(x, 0),
    "np.fill_diagonal": lambda x: np.fill_diagonal(x, 0.0),
    "np.frompyfunc": lambda x: np.frompyfunc(abs, 1, 1)(x),
    "np.fromfunction": lambda x: np.fromfunction(lambda i: i * x[0], (3,)),
    "np.fromiter": lambda x: np.fromiter(x[0], float),
    "np.full": lambda x: np.full((3, 3), x),
    "np.histogramdd": lambda x: np.histogramdd(x, 2),
    "np.hsplit": lambda x: np.hsplit(x, 3),
    "np.histogram2d": lambda x: np.histogram2d(x[0], x[1]),
    "np.insert": lambda x: np.insert(x, 1, x[0, 0]),
    "np.interp": lambda x: np.interp(x[0], [0.0, 1.0], [2.0, 3.0]),
    "np.isnat": lambda x: np.isnat(np.array(["NaT"], "M8")),  # for dates, which no Tensor holds
    "np.ix_": lambda x: np.ix_(x[0], x[1]),
    "np.kaiser": lambda x: np.kaiser(5, x[0, 0]),
    "np.ldexp": lambda x: np.ldexp(x, 2),
    "np.lexsort": lambda x: np.lexsort((x[0], x[1])),
    "np.matrix": lambda x: np.matrix(x),
    "np.bmat": lambda x: np.bmat([[x, x]]),
    "np.moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "np.mgrid": lambda x: np.mgrid[0 : x[0, 0]],
    "np.ogrid": lambda x: np.ogrid[0 : x[0, 0]],
    "np.r_": lambda x: np.r_[x[0], x[1]],
    "np.c_": lambda x: np.c_[x[0], x[1]],
    "np.s_": lambda x: np.s_[x],
    "np.index_exp": lambda x: np.index_exp[x],
    "np.nested_iters": lambda x: np.nested_iters(x, [[0], [1]]),
    "np.nditer": lambda x: np.nditer(x),
    "np.pad": lambda x: np.pad(x, 1),
    "np.partition": lambda x: np.partition(x, 1),
    "np.percentile": lambda x: np.percentile(x, 30),
    "np.nanpercentile": lambda x: np.nanpercentile(x, 30),
    "np.quantile": lambda x: np.quantile(x, 0.3),
    "np.nanquantile": lambda x: np.nanquantile(x, 0.3),
    "np.piecewise": lambda x: np.piecewise(x, [MASK], [np.sin, np.cos]),
    "np.poly1d": lambda x: np.poly1d(x[0])(2.0),
    "np.polyadd": lambda x: np.polyadd(x[0], x[1]),
    "np.polyder": lambda x: np.polyder(x[0]),
    "np.polydiv": lambda x: np.polydiv(x[0], x[1]),
    "np.polyfit": lambda x: np.polyfit(x[0], x[1], 1),
    "np.polyint": lambda x: np.polyint(x[0]),
    "np.polymul": lambda x: np.polymul(x[0], x[1]),
    "np.polysub": lambda x: np.polysub(x[0], x[1]),
    "np.put": lambda x: np.put(x, [0], [1.0]),
    "np.put_along_axis": into(lambda y, x: np.put_along_axis(y, np.array([[0]]), x[:1, :1], 1)),
    "np.ravel_multi_index": lambda x: np.ravel_multi_index((x > 0).astype(int)[:2], (3, 3)),
    "np.repeat": lambda x: np.repeat(x, 2),
    "np.require": lambda x: np.require(x),
    "np.reshape": lambda x: np.reshape(x, (9,)),
    "np.resize": lambda x: np.resize(x, (2, 7)),
    "np.roll": lambda x: np.roll(x, 1),
    "np.rollaxis": lambda x: np.rollaxis(x, 1),
    "np.roots": lambda x: np.roots(x[0]),
    "np.save": lambda x: np.save(io.BytesIO(), x),
    "np.savetxt": lambda x: np.savetxt(io.StringIO(), x),
    "np.savez": lambda x: np.savez(io.BytesIO(), x),
    "np.savez_compressed": lambda x: np.savez_compressed(io.BytesIO(), x=x),
    "np.searchsorted": lambda x: np.searchsorted(np.arange(3.0), x),
    "np.select": lambda x: np.select([MASK], [x]),
    "np.sign": lambda x: np.sign(x * 1j),
    "np.split": lambda x: np.split(x, 3),
    "np.swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "np.take": lambda x: np.take(x, [0, 2]),
    "np.take_along_axis": lambda x: np.take_along_axis(x, np.array([[0]]), 1),
    "np.tile": lambda x: np.tile(x, 2),
    "np.trim_zeros": lambda x: np.trim_zeros(x[0]),
    "np.unravel_index": lambda x: np.unravel_index((x > 0).astype(int), (3, 3)),
    "np.vander": lambda x: np.vander(x[0]),
    "np.vectorize": lambda x: np.vectorize(abs)(x),
    "np.vsplit": lambda x: np.vsplit(x, 3),
    "np.where": lambda x: np.where(MASK, x, 0),
    "np.fft.fftfreq": lambda x: np.fft.fftfreq(4, x[0, 0]),
    "np.fft.rfftfreq": lambda x: np.fft.rfftfreq(4, x[0, 0]),
    "np.linalg.matrix_power": lambda x: np.linalg.matrix_power(x, 3),
    "np.linalg.multi_dot": lambda x: np.linalg.multi_dot([x, x, x]),
    "np.linalg.outer": lambda x: np.linalg.outer(x[0], x[1]),
    "np.linalg.tensorinv": lambda x: np.linalg.tensorinv(x, 1),
    "np.linalg.tensorsolve": lambda x: np.linalg.tensorsolve(x, x[0]),
    "ndarray.argpartition": lambda x: x.argpartition(1),
    "ndarray.astype": lambda x: x.astype(np.float32),
    "ndarray.choose": lambda x: (x > 0).astype(int).choose([x, x * 2]),
    "ndarray.compress": lambda x: x.compress([True, False, True], 0),
    "ndarray.fill": into(lambda y, x: y.fill(x[0, 0])),
    "ndarray.item": lambda x: x.item(0),
    "ndarray.partition": into(lambda y, x: y.partition(1)),
    "ndarray.put": lambda x: x.put([0], [1.0]),
    "ndarray.repeat": lambda x: x.repeat(2),
    "ndarray.reshape": lambda x: x.reshape(9),
    "ndarray.searchsorted": lambda x: x[0].searchsorted(0.5),
    "ndarray.sort": into(lambda y, x: y.sort()),
    "ndarray.swapaxes": lambda x: x.swapaxes(0, 1),
    "ndarray.take": lambda x: x.take([0, 2]),
    "ndarray.view": lambda x: x.view(np.int64),
}

WHOLE_NUMBERS = (
    "bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_invert invert left_shift right_shift "
    "bitwise_left_shift bitwise_right_shift gcd lcm packbits unpackbits"
)
"""They take integers, and so no Tensor that requires grad."""


def calls_of(path: str, function: Any) -> Iterator[Call]:
    """List ways to call a function on x, of which one is to succeed."""
    if path in CALLS:
        yield CALLS[path]
    elif path.startswith("ndarray."):
        name = path.partition(".")[2]
        yield lambda x: of_method(getattr(x, name))
        yield lambda x: getattr(x, name)(x)
    elif path.removeprefix("np.") in WHOLE_NUMBERS.split():
        yield lambda x: function((x > 0).astype(np.uint8))
        yield lambda x: function((x > 0).astype(np.uint8), 1)
    else:
        yield lambda x: function(x)
        yield lambda x: function(x, x)
        yield lambda x: function(x, x, x)


def of_method(method: Any) -> Any:
    """Call a method; an attribute is what it is."""
    return method if isinstance(method, tg.Tensor) or not callable(method) else method()
