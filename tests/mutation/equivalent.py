# ruff: noqa: E501  # each line is a mutant as run.py prints it
"""Mutants that are the same function in other words, reviewed one by one, with the reasons."""

from __future__ import annotations

REASONS: dict[str, list[str]] = {
    "divides by another number only where what is divided is 0, or what comes of it is not chosen": [
        "power.a: np.where((a == 0) & (b == 0), 1, b) -> np.where((a == 0) & (b == 0), 2, b)",
        "tinygrad_edu.ops.binary.hypot_part: np.where(y == 0, 1, y) -> np.where(y == 0, 2, y)",
        "tinygrad_edu.ops.binary.turn: np.where(r == 0, 1, r) -> np.where(r == 0, 2, r)",
        "tinygrad_edu.ops.elementwise.sign: np.where(x == 0, 1, x) -> np.where(x == 0, 2, x)",
        "tinygrad_edu.ops.decompose.one_over_gaps: where(equal, 1, gaps) -> where(equal, 2, gaps)",
        "tinygrad_edu.ops.eigen.at_fixed_length: where(largest, v, 1) -> where(largest, v, 2)",
        "norm.x: where(length == 0, 1, length) -> where(length == 0, 2, length)",
        "norm.x: where(length == 0, 1, length) -> where(length == 0, 2, length) (2)",
        "norm.x: where(zero, 1, x) -> where(zero, 2, x)",
        "xlogy.y: np.where((x == 0) & (a == 0), 1, a) -> np.where((x == 0) & (a == 0), 2, a)",
        "std.x: np.where(flat, 1, y) -> np.where(flat, 2, y)",
        "svd.x: where(plain(sums) == 0, 1, sums) -> where(plain(sums) == 0, 2, sums)",
    ],
    "the two agree but for rounding, to every order": [
        "fmod.b: np.rint((a - y) / b) -> (a - y) / b",
    ],
    "axes too many in front are summed away by the walk": [
        "setitem.value: value.ndim - dvalue.ndim -> value.ndim + dvalue.ndim",
        "setitem.value: value.ndim - dvalue.ndim -> value.ndim",
        "matmul.a: (dy[..., None, :] @ b.mT)[..., 0, :] -> dy[..., None, :] @ b.mT",
    ],
    "a reshape to the shape that it has already": [
        "setitem.value: leading > 0 -> leading >= 0",
    ],
    "the slower way is taken, which gives the same": [
        "tinygrad_edu.ops.index.picks_once: part is None or part is ... or isinstance(part, (slice, int, np.integer, np.bool_)) or (isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0)) -> part is None and part is ... and isinstance(part, (slice, int, np.integer, np.bool_)) and (isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0))",
        "tinygrad_edu.ops.index.picks_once: part is None or part is ... or isinstance(part, (slice, int, np.integer, np.bool_)) or (isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0)) -> part is None",
        "tinygrad_edu.ops.index.picks_once: part is None or part is ... or isinstance(part, (slice, int, np.integer, np.bool_)) or (isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0)) -> part is ...",
        "tinygrad_edu.ops.index.picks_once: part is None or part is ... or isinstance(part, (slice, int, np.integer, np.bool_)) or (isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0)) -> isinstance(part, (slice, int, np.integer, np.bool_))",
        "tinygrad_edu.ops.index.picks_once: part is None or part is ... or isinstance(part, (slice, int, np.integer, np.bool_)) or (isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0)) -> isinstance(part, np.ndarray) and (part.dtype == bool or part.ndim == 0)",
        "tinygrad_edu.ops.index.picks_once: part.dtype == bool or part.ndim == 0 -> part.dtype == bool and part.ndim == 0",
        "tinygrad_edu.ops.index.picks_once: part.dtype == bool or part.ndim == 0 -> part.dtype == bool",
        "tinygrad_edu.ops.index.picks_once: part.dtype == bool or part.ndim == 0 -> part.ndim == 0",
        "tinygrad_edu.ops.signal.in_full: not cut and (not rest) -> cut and (not rest)",
        "tinygrad_edu.ops.linear.rows: x.ndim == 2 -> x.ndim == 3",
        "linear.x: matmul(dy, weight) if x.ndim == 2 else matmul(rows(dy), weight).reshape(x.shape) -> matmul(rows(dy), weight).reshape(x.shape) if x.ndim == 2 else matmul(dy, weight)",
        "linear.x: x.ndim == 2 -> x.ndim != 2",
        "linear.x: x.ndim == 2 -> x.ndim == 3",
        "linear.x: rows(dy) -> dy",
        "einsum.operands: optimize if isinstance(optimize, (bool, str)) else True -> optimize if isinstance(optimize, (bool, str)) else False",
        "einsum.operands: optimize if isinstance(optimize, (bool, str)) else True -> True if isinstance(optimize, (bool, str)) else optimize",
        "einsum.operands: isinstance(optimize, (bool, str)) -> optimize",
    ],
    "a list or an array or a generator does as well as the tuple": [
        "tinygrad_edu.ops.shape.inverse: tuple(np.argsort([a % len(axes) for a in axes]).tolist()) -> np.argsort([a % len(axes) for a in axes]).tolist()",
        "einsum.operands: tuple((shape[own.index(letter)] for letter in once)) -> (shape[own.index(letter)] for letter in once)",
        "tinygrad_edu.ops.shape.inverse: np.argsort([a % len(axes) for a in axes]).tolist() -> np.argsort([a % len(axes) for a in axes])",
    ],
    "swaps two that are the same, or that may be swapped": [
        "tinygrad_edu.ops.cumulative.flipped: slice(None, None, -1) -> slice(None, None, -1)",
        "tinygrad_edu.ops.binary.turn: np.hypot(a, b) -> np.hypot(b, a)",
        "svd.x: min(rows, columns) -> min(columns, rows)",
        "cofactor.a: unit_determinant(u, vh) -> unit_determinant(vh, u)",
        "einsum.operands: zip(full, there) -> zip(there, full)",
        "convolve.a: np.convolve(in_full(dy, a, v, mode), v[::-1], 'valid') -> np.convolve(v[::-1], in_full(dy, a, v, mode), 'valid')",
        "convolve.v: np.convolve(in_full(dy, a, v, mode), a[::-1], 'valid') -> np.convolve(a[::-1], in_full(dy, a, v, mode), 'valid')",
        "tinygrad_edu.ops.signal.in_full: min(len(a), len(v)) -> min(len(v), len(a))",
        "tinygrad_edu.ops.order.evenly: np.result_type(dy.dtype, float) -> np.result_type(float, dy.dtype)",
        "tinygrad_edu.ops.decompose.one_over_gaps: known[..., None, :] - known[..., :, None] -> known[..., :, None] - known[..., None, :]",
    ],
    "vectors are their own transposes": [
        "conv.bias: dy.sum(axis=2).sum(axis=(0, *range(2, dy.ndim - 1))) -> dy.sum(axis=2).sum(axis=(0, *range(2, dy.ndim - 1))).T",
        "convolve.a: np.convolve(in_full(dy, a, v, mode), v[::-1], 'valid') -> np.convolve(in_full(dy, a, v, mode), v[::-1], 'valid').T",
        "convolve.v: np.convolve(in_full(dy, a, v, mode), a[::-1], 'valid') -> np.convolve(in_full(dy, a, v, mode), a[::-1], 'valid').T",
    ],
    "one round more multiplies by 1 and adds 0": [
        "cumprod.x: steps < x.shape[-1] -> steps <= x.shape[-1]",
    ],
    "a single number broadcasts without its axes": [
        "tinygrad_edu.ops.reduce.kept: y.reshape((1,) * x.ndim) -> y",
        "tinygrad_edu.ops.reduce.kept: (1,) * x.ndim -> (1,)",
    ],
    "of nothing, whatever it is multiplied or divided by": [
        "mean.x: y.size / x.size if x.size else 1.0 -> y.size / x.size if x.size else 2.0",
        "prod.x: y.size or 1 -> y.size or 2",
        "var.x: y.size or 1 -> y.size or 2",
    ],
    "1.0 and 0.0 choose as True and False do": [
        "tinygrad_edu.ops.decompose.half_triangle: np.tri(size, k=-1, dtype=bool) -> np.tri(size, k=-1)",
        "tinygrad_edu.ops.decompose.half_triangle: np.eye(size, dtype=bool) -> np.eye(size)",
        "tinygrad_edu.ops.decompose.diagonal_of: np.eye(x.shape[-1], dtype=bool) -> np.eye(x.shape[-1])",
        "tinygrad_edu.ops.decompose.along_diagonal: np.eye(values.shape[-1], dtype=bool) -> np.eye(values.shape[-1])",
    ],
    "matrices here are square": [
        "tinygrad_edu.ops.decompose.half_triangle: x.shape[-1] -> x.shape[-2]",
        "tinygrad_edu.ops.decompose.diagonal_of: x.shape[-1] -> x.shape[-2]",
        "cofactor.a: a.shape[-1] -> a.shape[-2]",
    ],
    "the same axis by another number, as all have two axes or none is told apart": [
        "cofactor.a: same[None, :, :] -> same",
    ],
    "cut off beyond the end, or at it": [
        "svd.x: min(rows, columns) -> rows",
    ],
    "at equal sizes both ways agree": [
        "qr.x: rows >= columns -> rows > columns",
        "svd.x: rows > columns -> rows >= columns",
        "svd.x: rows < columns -> rows <= columns",
        "qr.x: rows > columns -> rows >= columns",
    ],
    "the same values, with a history that nothing is done with": [
        "tinygrad_edu.ops.elementwise.exponent: plain(x) -> x",
        "svd.x: plain(phases[0] + phases[1]) -> phases[0] + phases[1]",
        "svd.x: plain(du) -> du",
        "svd.x: plain(left) -> left",
        "svd.x: plain(right) -> right",
        "svd.x: plain(sums) -> sums",
        "tinygrad_edu.ops.decompose.refuse_phase: plain(turning) -> turning",
        "tinygrad_edu.ops.decompose.refuse_phase: plain(scale) -> scale",
        "tinygrad_edu.ops.decompose.safe_singular_values: plain(s) -> s",
        "tinygrad_edu.ops.decompose.one_over_gaps: plain(values) -> values",
        "tinygrad_edu.ops.decompose.one_over_gaps: plain(reached) -> reached",
        "eigh.a: plain(turning) -> turning",
        "tinygrad_edu.ops.eigen.at_fixed_length: plain(v) -> v",
        "sort.x: plain(x) -> x",
        "sort.x: plain(y) -> y",
    ],
    "NumPy's defaults, spelled out": [
        "sort.x: np.argsort(after, axis=-1, kind='stable') -> np.argsort(after, kind='stable')",
        "sort.x: np.argsort(before, axis=-1, kind='stable') -> np.argsort(before, kind='stable')",
        "sort.x: np.argsort(np.argsort(before, axis=-1, kind='stable'), axis=-1) -> np.argsort(np.argsort(before, axis=-1, kind='stable'))",
        "sort.x: np.take_along_axis(np.moveaxis(dy, axis, -1), ranked, axis=-1) -> np.take_along_axis(np.moveaxis(dy, axis, -1), ranked)",
        "sort.x: np.take_along_axis(after, ranked, axis=-1) -> np.take_along_axis(after, ranked)",
        "sort.x: np.take_along_axis(dy, rank, axis=-1) -> np.take_along_axis(dy, rank)",
    ],
    "equal elements share evenly, in whatever order they are counted": [
        "sort.x: np.argsort(after, axis=-1, kind='stable') -> np.argsort(after, axis=-1)",
        "sort.x: np.argsort(before, axis=-1, kind='stable') -> np.argsort(before, axis=-1)",
    ],
    "a small whole number is the same in any dtype that can hold it": [
        "tinygrad_edu.ops.pool.first_largest: np.uint8 if len(mets) < 256 else np.intp -> np.intp if len(mets) < 256 else np.uint8",
        "tinygrad_edu.ops.pool.first_largest: len(mets) < 256 -> len(mets) <= 256",
        "tinygrad_edu.ops.pool.first_largest: len(mets) < 256 -> len(mets) > 256",
        "tinygrad_edu.ops.pool.first_largest: len(mets) < 256 -> len(mets) < 257",
    ],
    "numbers compare alike in any dtype that can hold them": [
        "tinygrad_edu.ops.pool.first_largest: x if x.dtype.kind == 'f' else x.astype(float) -> x.astype(float) if x.dtype.kind == 'f' else x",
        "tinygrad_edu.ops.pool.first_largest: x.dtype.kind == 'f' -> x.dtype.kind != 'f'",
        "tinygrad_edu.ops.pool.first_largest: x.astype(float) -> x",
    ],
    "a map object is true, and padding by nothing changes nothing": [
        "tinygrad_edu.ops.conv_window.padded: any(map(any, padding)) -> map(any, padding)",
    ],
    "only infinities get here": [
        "tinygrad_edu.ops.binary.share: a > 0 -> a >= 0",
        "tinygrad_edu.ops.binary.share: a > 0 -> a > 1",
    ],
    "0 by any other number": [
        "bell.x: np.where(y == 0, 0, x) -> np.where(y == 0, 1, x)",
        "std.x: np.where(flat, 0, dy / np.where(flat, 1, y)) -> np.where(0, flat, dy / np.where(flat, 1, y))",
        "std.x: np.where(flat, 0, dy / np.where(flat, 1, y)) -> np.where(flat, 1, dy / np.where(flat, 1, y))",
    ],
    "nothing is missing in front unless something is missing behind": [
        "tinygrad_edu.ops.signal.in_full: not cut and (not rest) -> not rest",
    ],
    "of a diagonal matrix, rows and columns have the same sums": [
        "tinygrad_edu.ops.decompose.diagonal_of: where(np.eye(x.shape[-1], dtype=bool), x, 0).sum(axis=-1) -> where(np.eye(x.shape[-1], dtype=bool), x, 0).sum(axis=-2)",
    ],
    "of a standard deviation, keepdims changes the shape only, and that is brought back anyway": [
        "std.x: var_x(half, y, x, axis=axis, ddof=ddof, keepdims=keepdims) -> var_x(half, y, x, axis=axis, ddof=ddof)",
    ],
    "far from the border between equal and different the factor does not matter": [
        "tinygrad_edu.ops.decompose.safe_singular_values: known.shape[-1] * np.finfo(known.dtype).eps -> np.finfo(known.dtype).eps",
        "tinygrad_edu.ops.decompose.one_over_gaps: size * np.finfo(known.dtype).eps -> np.finfo(known.dtype).eps",
    ],
    "the dtype of counts is brought back by the walk": [
        "tinygrad_edu.ops.fft.weights: x.real.dtype if x.dtype.kind == 'c' else x.dtype -> x.dtype if x.dtype.kind == 'c' else x.real.dtype",
        "tinygrad_edu.ops.fft.weights: x.real -> x",
        "tinygrad_edu.ops.fft.weights: x.dtype.kind == 'c' -> x.dtype.kind != 'c'",
    ],
    "reshape takes any negative number for -1": [
        "tinygrad_edu.ops.fft.weights: (-1,) + (1,) * (x.ndim - 1 - axis % x.ndim) -> (-2,) + (1,) * (x.ndim - 1 - axis % x.ndim)",
        "tinygrad_edu.ops.order.evenly: dy.reshape(-1) -> dy.reshape(-2)",
    ],
    "what rules hand over is an array already": [
        "tinygrad_edu.ops.decompose.svd: as_array(a) -> a",
    ],
    "vectors of the null space are computed, and not used": [
        "tinygrad_edu.ops.decompose.svd: full_matrices and compute_uv -> full_matrices",
    ],
    "slices that cut nothing off": [
        "qr.x: mode == 'complete' and rows > columns -> mode == 'complete' or rows > columns",
        "qr.x: mode == 'complete' and rows > columns -> mode == 'complete'",
        "qr.x: mode == 'complete' and rows > columns -> rows > columns",
    ],
    "of the largest element, the size and the exact 0 are each enough to find it": [
        "tinygrad_edu.ops.eigen.at_fixed_length: np.abs(known) * (1 + (known.imag == 0)) -> np.abs(known)",
        "tinygrad_edu.ops.eigen.at_fixed_length: np.abs(known) * (1 + (known.imag == 0)) -> 1 + (known.imag == 0)",
        "tinygrad_edu.ops.eigen.at_fixed_length: 1 + (known.imag == 0) -> 1",
        "tinygrad_edu.ops.eigen.at_fixed_length: 1 + (known.imag == 0) -> known.imag == 0",
        "tinygrad_edu.ops.eigen.at_fixed_length: 1 + (known.imag == 0) -> 2 + (known.imag == 0)",
        "tinygrad_edu.ops.eigen.at_fixed_length: known.imag -> known",
        "tinygrad_edu.ops.eigen.at_fixed_length: known.imag == 0 -> known.imag == 1",
    ],
    "real numbers have no phase, and are their own conjugates": [
        "tinygrad_edu.ops.eigen.at_fixed_length: v.dtype.kind != 'c' or not v.size -> not v.size",
        "svd.x: conj(u) -> u (2)",
        "svd.x: conj(vh) -> vh (2)",
    ],
    "the largest of both, in whatever order": [
        "svd.x: np.append(plain(du), plain(dvh)) -> np.append(plain(dvh), plain(du))",
    ],
    "the numbers alone, which are all that is looked at": [
        "svd.x: plain(dvh) -> dvh",
    ],
    "NaN come last, so behind one there are only more": [
        "tinygrad_edu.ops.order.evenly: np.isnan(here) & np.isnan(previous) -> np.isnan(previous)",
    ],
    "0 divided by any other number": [
        "xlogy.y: (x == 0) & (a == 0) -> x == 0",
    ],
    "a vector is its own transpose": [
        "gru.bias: np.sum(gru_shared(dy, y, h, weight)[1], axis=(0, 2)) -> np.sum(gru_shared(dy, y, h, weight)[1], axis=(0, 2)).T",
    ],
    "runs only where Numba is installed": [
        "max_pool.x: dx -> -dx",
        "max_pool.x: dx -> 2 * dx",
        "max_pool.x: dx -> dx.T",
        "max_pool.x: 'max_pool_x' in COMPILED and type(dy) is np.ndarray -> 'max_pool_x' in COMPILED",
        "max_pool.x: if dx is not None: -> if not dx is not None:",
        "max_pool.x: type(dy) is np.ndarray -> type(dy) is not np.ndarray",
        "max_pool.x: COMPILED['max_pool_x'](dy, y, x, **settings) -> dy",
        "max_pool.x: COMPILED['max_pool_x'](dy, y, x, **settings) -> COMPILED['max_pool_x'](y, dy, x, **settings)",
        "max_pool.x: COMPILED['max_pool_x'](dy, y, x, **settings) -> COMPILED['max_pool_x'](dy, y, x)",
        "max_pool.x: dx is not None -> dx is None",
        "max_pool.x: type(dy) -> dy",
        "max_pool.x: COMPILED['max_pool_x'] -> COMPILED",
    ],
}

EQUIVALENT = {mutant for mutants in REASONS.values() for mutant in mutants}
