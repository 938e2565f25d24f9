"""summary: what a model is made of, in a table: shapes, parameters, and how much it computes.

The model is called once, on an input, and watched: a hook on every module takes down the shape of
what it returns, and every product of matrices is counted where it happens, in whichever module
that is. So a table needs no formula for each kind of layer, and is right for one's own, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

from tinygrad_edu.nn.container import Sequential
from tinygrad_edu.nn.hooks import Hooks
from tinygrad_edu.nn.module import Module
from tinygrad_edu.random import get_rng_state, set_rng_state
from tinygrad_edu.recording import CONTEXT, no_grad
from tinygrad_edu.tensor import Tensor

MULTIPLY_ADDS: dict[str, Callable[..., int]] = {
    "linear": lambda y, x, weight, *bias: y.size * weight.shape[-1],
    "matmul": lambda y, a, b: y.size * a.shape[-1],
    "conv": lambda y, x, weight, *bias: y.size * prod(weight.shape[1:]),
    "conv_transpose": lambda y, z, weight, *more: z.size * prod(weight.shape[1:]),
    "lstm": lambda y, sums, h, c, weight: sums.shape[0] * h.shape[0] * weight.size,
    "gru": lambda y, sums, h, weight, bias: sums.shape[0] * h.shape[0] * weight.size,
}
"""By op, how often a call multiplies and adds; other ops work element by element and count as 0."""

TITLES = ("module", "type", "output", "parameters", "multiply-adds")


class Row:
    """One call of a module.

    Attributes
    ----------
    path, kind : the module's dotted path in the model, and its class or function's name.
    depth : how many modules it is within.
    output : the shape of what it returned, or the shapes.
    parameters : how many numbers it learns itself, without the modules within; 0 when called again.
    multiply_adds : how many its own products took.
    """

    def __init__(self, path: str, kind: str, depth: int, parameters: int) -> None:
        self.path = path
        self.kind = kind
        self.depth = depth
        self.parameters = parameters
        self.output: Any = ()
        self.multiply_adds = 0

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the table."""
        name = "  " * self.depth + (self.path.rpartition(".")[2] if self.path else "(model)")
        return name, self.kind, _shown(self.output), *map(_number, self.numbers())

    def numbers(self) -> tuple[int, int]:
        """Return parameters and multiply-adds."""
        return self.parameters, self.multiply_adds


class Summary:
    """What `summary` returns: it prints as a table.

    Attributes
    ----------
    rows : one `Row` for each call of a module, in the order in which they began.
    total_parameters, trainable_parameters : how many numbers there are, and how many of them learn.
    multiply_adds : how many the call took in all.
    """

    def __init__(self, rows: list[Row], model: Module) -> None:
        self.rows = rows
        self.total_parameters = sum(p.size for p in model.parameters())
        self.trainable_parameters = sum(p.size for p in model.parameters() if p.requires_grad)
        self.bytes = sum(p._array.nbytes for p in model.parameters())
        self.multiply_adds = sum(row.multiply_adds for row in rows)

    def __str__(self) -> str:
        table = [TITLES, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*table)]
        lines = ["  ".join(_placed(c, w, i) for i, (c, w) in enumerate(zip(row, widths))).rstrip()
                 for row in table]  # fmt: skip
        rule = "-" * max(map(len, lines))
        frozen = self.total_parameters - self.trainable_parameters
        lines[1:1] = [rule]
        lines += [
            rule,
            f"parameters: {self.total_parameters:,}, of which {self.trainable_parameters:,} learn"
            + (f" and {frozen:,} are frozen" if frozen else "")
            + f"; {self.bytes / 1e6:,.2f} MB",
            f"multiply-adds: {self.multiply_adds:,}",
        ]
        return "\n".join(lines)

    __repr__ = __str__


def summary(model: Module, *inputs: Any) -> Summary:
    """Call a model once and tabulate its modules: paths, shapes, parameters, multiply-adds.

    Parameters
    ----------
    model : a `Module`. It is called after ``eval()`` and without recording, and is afterwards as
        it was, as are the random numbers.
    *inputs : what it is called with: arrays, numbers, lists or Tensors; of small batches, too, for
        the counts are those of the whole batch.

    Returns
    -------
    A `Summary`, which prints as a table.

    Raises
    ------
    TypeError
        If the model is no Module. What the call raises is passed on.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.summary import summary
    >>> summary(nn.Sequential(nn.Linear(3, 4), tg.sigmoid, nn.Linear(4, 1)), np.ones((2, 3)))
    module   type        output  parameters  multiply-adds
    ------------------------------------------------------
    (model)  Sequential  (2, 1)
      0      Linear      (2, 4)          16             24
      1      sigmoid     (2, 4)
      2      Linear      (2, 1)           5              8
    ------------------------------------------------------
    parameters: 21, of which 21 learn; 0.00 MB
    multiply-adds: 32
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary describes a Module, not a {type(model).__name__}")
    watch = Watch(model)
    for x in inputs:
        if isinstance(x, tuple) and x and all(type(n) is int for n in x):
            raise TypeError(
                f"summary calls the model, and so takes an input and not its shape {x}: write "
                f"summary(model, np.zeros({x}))"
            )
    given = [x if isinstance(x, (Tensor, tuple, dict)) else Tensor(x) for x in inputs]
    with _as_it_was(model), watch.in_place(), no_grad():
        outer = CONTEXT.get()
        CONTEXT.set(outer._replace(outer=outer, watch=watch, owner=watch))
        try:
            model.eval()(*given)
        finally:
            CONTEXT.set(outer)
    return Summary(watch.rows, model)


class Watch:
    """What looks on while the model is called: hooked to all modules, and told of every op."""

    def __init__(self, model: Module) -> None:
        self.paths = {id(module): path for path, module in model.named_modules()}
        self.modules = list(model.modules())
        self.rows: list[Row] = []
        self.open: list[Row] = []  # the calls in progress
        self.counted: set[int] = set()  # the parameters that a row has counted

    def began(self, module: Any, path: str, parameters: Any = ()) -> None:
        """Begin a row."""
        own = sum(p.size for p in parameters if id(p) not in self.counted)
        self.counted.update(map(id, parameters))
        kind = type(module).__name__ if isinstance(module, Module) else _name(module)
        self.open.append(Row(path, kind, len(self.open), own))
        self.rows.append(self.open[-1])

    def ended(self, output: Any) -> None:
        """Complete the innermost row that is not complete yet."""
        self.open.pop().output = output

    def computed(self, tensor: Any, op: Any, arrays: Any, settings: Any) -> None:
        """Count what an op multiplies and adds."""
        count = MULTIPLY_ADDS.get(op.name)
        if count is not None and self.open:
            self.open[-1].multiply_adds += count(tensor._array, *arrays)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Hook on to all modules, and to the plain functions in chains; then let go."""
        before = {id(m): (m, vars(m).get("_hooks"), m._modules) for m in self.modules}
        try:
            for module in self.modules:
                vars(module)["_hooks"] = self._hooks(module)
                if isinstance(module, Sequential):
                    vars(module)["_modules"] = self._watched_steps(module)
            yield
        finally:
            for module, hooks, steps in before.values():
                vars(module)["_modules"] = steps
                if hooks is None:
                    vars(module).pop("_hooks", None)
                else:
                    vars(module)["_hooks"] = hooks

    def _hooks(self, module: Module) -> Hooks:
        """Add to a module's own hooks one before all of them, and one after."""
        hooks, path = Hooks(), self.paths[id(module)]
        parameters = [p for p in module._parameters.values() if p is not None]
        hooks.before[-1] = lambda m, x: self.began(m, path, parameters)
        if module._hooks is not None:
            hooks.before.update(module._hooks.before)
            hooks.after.update(module._hooks.after)
        hooks.after[-1] = lambda m, x, y: self.ended(_shapes(y))
        return hooks

    def _watched_steps(self, chain: Sequential) -> dict[str, Any]:
        """Wrap the steps of a chain that are plain functions, and so have no hooks."""
        path = self.paths[id(chain)]
        return {
            name: step if isinstance(step, Module) else self._watched(step, f"{path}.{name}")
            for name, step in chain._modules.items()
        }

    def _watched(self, function: Callable[..., Any], path: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.began(function, path.lstrip("."))
            y = function(*args)
            self.ended(_shapes(y))
            return y

        return call


@contextmanager
def _as_it_was(model: Module) -> Iterator[None]:
    """Put back, in the end, whatever calling a model may have changed in it."""
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(buffer, buffer._array.copy()) for buffer in model.buffers()]
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
        for module, mode in modes:
            module.training = mode
        for buffer, values in buffers:
            if not (buffer._array == values).all():
                buffer._touch()
                buffer._array[...] = values


def _shapes(y: Any) -> Any:
    """Return the shape of an output, or those of several."""
    if isinstance(y, (tuple, list)):
        return [_shapes(part) for part in y]
    return getattr(y, "shape", None)


def _shown(output: Any) -> str:
    if isinstance(output, list):
        return ", ".join(_shown(part) for part in output if part is not None)
    return "" if output is None else str(output)


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _number(count: int) -> str:
    return f"{count:,}" if count else ""


def _placed(cell: str, width: int, column: int) -> str:
    """Put text to the left and numbers to the right."""
    return cell.ljust(width) if column < 3 else cell.rjust(width)
