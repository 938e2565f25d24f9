"""What to write instead of a method that Tensors of other libraries have: NumPy's spelling."""

from __future__ import annotations

from typing import Any

NUMPY_HAS_A_FUNCTION = (
    "exp", "log", "log1p", "log2", "log10", "expm1", "sqrt", "square", "abs", "sign", "floor",
    "ceil", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "reciprocal",
    "maximum", "minimum", "where", "matmul", "outer", "einsum", "stack", "flip", "roll", "tile",
    "tril", "triu", "diff", "median", "quantile", "logaddexp", "isnan", "isfinite", "isinf",
)  # fmt: skip

SPELLINGS = {
    **{name: f"np.{name}(t)" for name in NUMPY_HAS_A_FUNCTION},
    **{name: f"tg.{name}(t)" for name in ("sigmoid", "relu", "softmax", "log_softmax")},
    **{n: f"t.numpy().{n}" for n in ("base", "ctypes", "flags", "flat", "itemsize", "nbytes")},
    **{n: f"t.numpy().{n}" for n in ("strides", "tofile")}, "resize": "np.resize(t, shape)",
    "add_": "t += v, under `with tg.no_grad():`", "sub_": "t -= v, under `with tg.no_grad():`",
    "mul_": "t *= v, under `with tg.no_grad():`", "div_": "t /= v, under `with tg.no_grad():`",
    "copy_": "t[...] = v, under `with tg.no_grad():`", "fill_": "t.fill(v)", "zero_": "t.fill(0)",
    "add": "t + v", "sub": "t - v", "mul": "t * v", "div": "t / v", "pow": "t**p", "neg": "-t",
    "mm": "t @ v", "bmm": "t @ v", "mv": "t @ v", "addmm": "c + t @ v", "t": "t.T",
    "bool": "t.astype(bool)", "double": "t.astype('float64')", "float": "t.astype('float32')",
    "half": "t.astype('float16')", "int": "t.astype('int32')", "long": "t.astype('int64')",
    "to": "t.astype(dtype); there is one device, the CPU", "cpu": "t itself",
    "cuda": "nothing: there is one device, the CPU",
    "device": "nothing: there is one device, the CPU", "type": "t.astype(dtype)",
    "chunk": "np.array_split(t, n)", "contiguous": "t itself", "dim": "t.ndim",
    "expand": "np.broadcast_to(t, shape)", "gather": "np.take_along_axis(t, indices, axis)",
    "logsumexp": "tg.special.logsumexp(t)", "masked_fill": "np.where(mask, value, t)",
    "masked_select": "t[mask]", "norm": "np.linalg.norm(t)", "numel": "t.size",
    "permute": "t.transpose(axes)", "index_select": "np.take(t, indices, axis)",
    "unbind": "list(t)", "unsqueeze": "np.expand_dims(t, axis)",
}  # fmt: skip


class Elsewhere:
    """What stands for a method that a Tensor has not got: looking at it says what to write.

    A ``__getattr__`` would do the same, and slow every attribute down: 6 % of a training step.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> hasattr(tg.Tensor(1.0), "unsqueeze")
    False
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, tensor: Any, kind: type) -> Any:
        raise AttributeError(
            f"{kind.__name__} has no attribute {self.name!r}; write {SPELLINGS[self.name]}",
            name=self.name,
        )
