"""A program as loops: the lines that go through the same elements share one loop.

Read next: ``numba_backend.py``, which has the text compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import REGISTRY
from tinygrad_edu.program.names import Names
from tinygrad_edu.program.passes.rewrite import (
    ADJOIN,
    ASTYPE,
    BROADCAST,
    COPY,
    MATMUL,
    POWER,
    RESHAPE,
    SUM,
    TRANSPOSE,
    WHERE,
)
from tinygrad_edu.program.program import Assignment, Constant, Value

LINEAR = REGISTRY["linear"]
FORMS: dict[Any, str] = {
    np.add: "{0} + {1}", np.subtract: "{0} - {1}", np.multiply: "{0} * {1}",
    np.divide: "{0} / {1}", np.negative: "-{0}", np.positive: "{0}", np.square: "{0} * {0}",
    np.reciprocal: "1 / {0}",
    np.greater: "{0} > {1}", np.less: "{0} < {1}", np.greater_equal: "{0} >= {1}",
    np.less_equal: "{0} <= {1}", np.equal: "{0} == {1}", np.not_equal: "{0} != {1}",
    **{getattr(np, name): f"np.{name}({{0}})" for name in
       ("exp", "log", "tanh", "sqrt", "sin", "cos", "abs", "log1p", "expm1", "sign")},
    **{getattr(np, name): f"np.{name}({{0}}, {{1}})" for name in ("maximum", "minimum")},
}  # fmt: skip
OWN: dict[Any, str] = {
    REGISTRY["sigmoid"]: "1 / (1 + np.exp(-{0}))",
    REGISTRY["relu"]: "np.maximum({0}, 0)",
    WHERE: "({1} if {0} else {2})",
    COPY: "{0}",
    ASTYPE: "{0}",
}
LARGE = 30_000  # multiplications from which on a matrix product is left to BLAS
VIEWS = (ADJOIN, TRANSPOSE, BROADCAST, RESHAPE)


class NotInLoopsError(TypeError):
    """A line that there is no loop for."""


def form(line: Assignment) -> str | None:
    """Return the expression for one element, if the line is an elementwise one."""
    function = getattr(line.op, "function", line.op.forward)
    if line.op is POWER:
        exponent = line.operands[1]
        squared = isinstance(exponent, Constant) and exponent.shape == () and exponent.value == 2
        return "{0} * {0}" if squared else "{0} ** {1}"
    if line.op in OWN:
        return OWN[line.op]
    return FORMS.get(function) if isinstance(function, np.ufunc) and not line.settings else None


class Loops:
    """The text of one program.

    Attributes
    ----------
    arrays : the names of values that are arrays, which the text takes for given.
    lines : the text.
    """

    def __init__(self, arrays: dict[Value, str], wanted: set[Value], names: Names) -> None:
        self.arrays, self.wanted, self.names = dict(arrays), wanted, names
        self.made: dict[Value, str] = {}
        self.group: list[Assignment] = []
        self.lines: list[str] = []
        self.uses: dict[Value, set[Value]] = {}
        self.constants: dict[str, Any] = {}

    def write(self, lines: list[Assignment]) -> list[str]:
        """Write all lines."""
        for line in lines:
            for operand in line.operands:
                self.uses.setdefault(operand, set()).add(line)
        for line in lines:
            self.check(line)
            if line.op in VIEWS:
                continue
            if form(line) is not None:
                self.join(line)
                continue
            self.flush()
            if line.op in (MATMUL, LINEAR):
                self.product(line)
            elif line.op is SUM:
                self.sum(line)
            else:
                raise NotInLoopsError(f"there is no loop for {line.op.name}")
        self.flush()
        return self.lines

    def check(self, line: Assignment) -> None:
        """Refuse what loops are not written for."""
        kinds = [x.dtype for x in (line, *line.operands) if x.dtype is not None]
        if any(not isinstance(x, np.dtype) or x.char not in "fd?lq" for x in kinds):
            raise NotInLoopsError(f"loops are of real numbers, not {kinds}")
        if line.op is RESHAPE and squeezed(line.shape) != squeezed(line.operands[0].shape):
            raise NotInLoopsError("no loop reads elements in another shape")
        if any(isinstance(x, Constant) and x.value is None for x in line.operands[:2]):
            raise NotInLoopsError(f"an operand of {line.op.name} is left out")

    # ---------------------------------------------------------------------- reading elements
    def element(self, value: Value, index: list[str]) -> str:
        """Write one element of a value, at an index of its own shape."""
        if value in self.arrays or value in self.made:
            name = self.arrays.get(value) or self.made[value]
            return f"{name}[{', '.join(index)}]" if index else f"{name}[()]"
        if isinstance(value, Constant):
            return self.number(value, index)
        assert isinstance(value, Assignment)  # noqa: S101  # inputs are arrays
        x = value.operands[0]
        if value.op is ADJOIN:
            return self.element(x, [*index[:-2], index[-1], index[-2]])
        if value.op is TRANSPOSE:
            axes = value.settings.get("axes") or tuple(range(x.ndim))[::-1]
            inner = [""] * x.ndim
            for position, axis in enumerate(axes):
                inner[axis % x.ndim] = index[position]
            return self.element(x, inner)
        if value.op is RESHAPE:
            left = [i for i, n in zip(index, value.shape) if n != 1]
            return self.element(x, ["0" if n == 1 else left.pop(0) for n in x.shape])
        return self.element(x, aligned(index, x.shape))

    def element_beside(self, value: Value, index: list[str], line: Assignment) -> str:
        """Write one element; a number has the dtype of what stands beside it."""
        text = self.element(value, index)
        others = [x.dtype for x in line.operands if x.dtype is not None]
        single = others and set(others) == {np.dtype(np.float32)}
        return f"np.float32({text})" if single and value.dtype is None else text

    def number(self, value: Constant, index: list[str]) -> str:
        """Write an element of a constant."""
        if value.dtype is None:
            return written_number(value.value)
        if value.shape == ():
            return f"np.{value.dtype.name}({written_number(value.value.item())})"
        name = self.names.take("constant", "c")
        self.constants[name] = np.ascontiguousarray(value.value)
        self.arrays[value] = name
        return self.element(value, index)

    # -------------------------------------------------------------------- elementwise lines
    def join(self, line: Assignment) -> None:
        """Let a line share the loop of those before it, if it goes through the same elements."""
        fits = all(x.shape == line.shape for x in self.group[:1])
        for operand in line.operands:
            inner = operand
            while isinstance(inner, Assignment) and inner.op in VIEWS and inner not in self.made:
                inner = inner.operands[0]
                fits = fits and inner not in self.group
            fits = fits and (operand not in self.group or operand.shape == line.shape)
        if not fits:
            self.flush()
        self.group.append(line)

    def flush(self) -> None:
        """Write the loop for the lines that share it."""
        group, self.group = self.group, []
        if not group:
            return
        inside = set(group)
        shape = group[0].shape
        index = [f"i{n}" for n in range(len(shape))]
        local: dict[Value, str] = {}
        body, stores = [], []
        for line in group:
            operands = [
                local[x] if x in local else self.element_beside(x, aligned(index, x.shape), line)
                for x in line.operands
            ]
            text = str(form(line)).format(*(f"({x})" if " " in x else x for x in operands))
            local[line] = self.names.take(None, "e")
            body.append(f"{local[line]} = {typed(text, line.dtype)}")
            if line in self.wanted or not self.uses.get(line, set()) <= inside:
                stores.append((line, local[line]))
        for line, name in stores:
            body.append(f"{self.make(line)}[{', '.join(index) or '()'}] = {name}")
        self.lines += loop(index, shape, body)

    def make(self, value: Value) -> str:
        """Ask for an array for a value."""
        self.made[value] = self.names.take(None, "t")
        return self.made[value]

    # ------------------------------------------------------------------------- other lines
    def product(self, line: Assignment) -> None:
        """Write a matrix product, with a bias or without."""
        a, b, *rest = line.operands
        if not (a.ndim == b.ndim == 2):
            raise NotInLoopsError("there are loops for products of matrices only")
        rows, inner = a.shape
        columns = line.shape[1]
        if rows * inner * columns > LARGE:
            raise NotInLoopsError("a large matrix product")
        weight = ["j", "k"] if line.op is LINEAR else ["k", "j"]
        body = [
            f"s = np.{line.dtype.name}(0)",
            f"for k in range({inner}):",
            f"    s += {self.element(a, ['i', 'k'])} * {self.element(b, weight)}",
        ]
        total = "s"
        if rest and not (isinstance(rest[0], Constant) and rest[0].value is None):
            total = f"s + {self.element(rest[0], ['j'])}"
        self.lines += loop(
            ["i", "j"], (rows, columns), [*body, f"{self.make(line)}[i, j] = {total}"]
        )

    def sum(self, line: Assignment) -> None:
        """Write a sum over some axes."""
        x = line.operands[0]
        axis = line.settings.get("axis")
        axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
        summed = {int(n) for n in axes}
        index = [f"i{n}" for n in range(x.ndim)]
        keep = bool(line.settings.get("keepdims"))
        outer = [n for n in range(x.ndim) if n not in summed]
        inner = sorted(summed)
        place = [("0" if n in summed else index[n]) for n in range(x.ndim) if keep or n in outer]
        body = [f"s += {self.element(x, index)}"]
        nest = loop([index[n] for n in inner], tuple(x.shape[n] for n in inner), body)
        whole = [f"s = np.{line.dtype.name}(0)", *nest]
        whole.append(f"{self.make(line)}[{', '.join(place) or '()'}] = s")
        self.lines += loop([index[n] for n in outer], tuple(x.shape[n] for n in outer), whole)


def numba_module() -> Any:
    """Import numba.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        import numba
    except ImportError as error:
        raise ImportError(
            f"compile(backend='numba') needs numba ({error}): pip install 'tinygrad_edu[fast]'"
        ) from error
    return numba


def written_number(x: Any) -> str:
    """Write a number, which may be infinite."""
    if np.isfinite(x):
        return repr(x)
    return f"({x!r})".replace("inf", "np.inf").replace("nan", "np.nan")


def squeezed(shape: Any) -> tuple[int, ...]:
    """Leave out the axes of size 1."""
    return tuple(n for n in shape if n != 1)


def aligned(index: list[str], shape: Any) -> list[str]:
    """Return the index of what is broadcast."""
    own = index[len(index) - len(shape) :]
    return ["0" if n == 1 else i for i, n in zip(own, shape)]


def typed(text: str, dtype: Any) -> str:
    """Give a number the dtype that NumPy would give it."""
    return f"({text}) != 0" if dtype.kind == "b" else f"np.{dtype.name}({text})"


def loop(index: list[str], shape: Any, body: list[str]) -> list[str]:
    """Write nested loops around some lines."""
    head = [
        f"{'    ' * n}for {i} in range({size}):" for n, (i, size) in enumerate(zip(index, shape))
    ]
    return [*head, *(f"{'    ' * len(index)}{line}" for line in body)]
