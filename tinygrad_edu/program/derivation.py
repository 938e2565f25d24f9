"""derive: the chain rule of one recorded run, written out.

The graph of a loss is read forwards and, with the rules run once more, backwards (``read.py``);
the program that comes out is simplified (``passes/``), and printed as NumPy source or as formulas.

Read next: ``steps.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.backprop import walk
from tinygrad_edu.op import Array
from tinygrad_edu.program.execute import compiled
from tinygrad_edu.program.latex import latex
from tinygrad_edu.program.names import gradient_name, identifier, known_names
from tinygrad_edu.program.numpy_text import name_values, printed
from tinygrad_edu.program.passes import simplify
from tinygrad_edu.program.passes.inline import inline
from tinygrad_edu.program.program import Assignment, Input, Program, Value
from tinygrad_edu.program.read import Reader, recorded
from tinygrad_edu.program.report import Report, report
from tinygrad_edu.program.steps import Steps, Telling
from tinygrad_edu.tensor import Tensor

NAME = "backprop"


def derive(loss: Tensor, wrt: Tensor | Sequence[Tensor] | None = None) -> Derivation:
    """Write out the gradient of a computed number: as a program, as formulas, step by step.

    Parameters
    ----------
    loss : a single number that was computed from Tensors that require grad. It is only read: no
        ``.grad`` changes, and ``backward()`` may come before or after.
    wrt : the Tensors whose gradients are wanted, leaves or results, such as
        ``model.parameters()``; by default, all leaves.

    Returns
    -------
    A `Derivation`, to be printed.

    Raises
    ------
    RuntimeError
        If ``loss`` has no history or is not a single number, does not depend on one of ``wrt``, or
        if a Tensor was changed in place since.
    TypeError
        If ``loss`` or one of ``wrt`` is no Tensor, or if an op's source cannot be written down.
    ValueError
        If ``wrt`` is empty.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program import derive
    >>> x = tg.Tensor([[1.0, 2.0]], name="x")
    >>> w = tg.Tensor([[0.5], [0.25]], requires_grad=True, name="w")
    >>> print(derive(((x @ w) ** 2).sum()))
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def backprop(x, w):
        t1 = x @ w            # (1, 1)
        loss = np.sum(t1**2)  # ()
        d_w = x.T @ (2 * t1)  # (2, 1)
        return loss, d_w
    """
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"a derivation is of a Tensor that was computed, not of a {type(loss).__name__}; "
            f"pass the loss itself, not its .item() or .numpy()"
        )
    if loss.size != 1:
        raise RuntimeError(
            f"a derivation starts from a single number, but this tensor has shape {loss.shape}; "
            f"reduce it first, for instance with .sum() or .mean()"
        )
    return Derivation(loss, None if wrt is None else tensors(wrt))


def tensors(wrt: Any) -> list[Tensor]:
    """Return what is asked for as a list of different Tensors."""
    found = [wrt] if isinstance(wrt, Tensor) else list(wrt)
    for each in found:
        if not isinstance(each, Tensor):
            raise TypeError(f"wrt= holds Tensors, not a {type(each).__name__}")
    if not found:
        raise ValueError("wrt= is empty; leave it out for the gradients of all leaves")
    return list(dict.fromkeys(found))


class Derivation:
    """The chain rule of one run; what `derive` returns.

    Attributes
    ----------
    recorded : the program as it was recorded, line by line.
    program : the same, simplified for readers.
    inputs : the arrays that the printed function takes, in order, by name.
    outputs : the names of what it returns: the loss, and then the gradients.

    Raises
    ------
    RuntimeError
        If it cannot be derived; see `derive`.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor(3.0, requires_grad=True, name="w")
    >>> derivation = tg.derive(w * w)
    >>> derivation.outputs
    ('loss', 'd_w')
    """

    def __init__(self, loss: Tensor, wrt: Sequence[Tensor] | None) -> None:
        nodes = recorded(loss.node) if loss.node is not None else []
        self.reader = Reader(loss, known_names(nodes, loss))
        keys: list[Any] | None = (
            None if wrt is None else [x if x.node is None else x.node for x in wrt]
        )
        found = self.reader.read_backward(keys)
        for key in keys or ():
            if key not in found:
                raise RuntimeError(
                    f"the loss does not depend on {key.name or 'a tensor in wrt'}, or only "
                    f"through detach(), numpy() or no_grad(); leave it out of wrt"
                )
        order = {id(each.leaf): i for i, each in enumerate(self.reader.recorder.inputs)}
        self.wrt = keys or sorted(found, key=lambda leaf: order.get(id(leaf), len(order)))
        self.recorded = self.whole({key: found[key] for key in self.wrt})
        self.program = inline(simplify(self.recorded))
        unexplained, data = self.reader.unexplained_inputs(), self.reader.data()
        self.printed = printed(self.program, NAME, unexplained=unexplained, data=data)
        self.inputs: dict[str, Array] = {
            name: np.array(array) for name, array in self.printed.parameters.items()
        }
        self.outputs = self.program.labels

    def whole(self, gradients: dict[Any, Value]) -> Program:
        """Join what was read forwards and backwards into one program."""
        recorder, soft = self.reader.recorder, dict(self.reader.soft_names())
        lines = {line: self.with_soft_name(line, soft) for line in recorder.assignments}
        program = Program(
            tuple(recorder.inputs),
            tuple(recorder.assignments),
            (self.reader.lines[self.reader.root], *gradients.values()),
            ("loss", *self.labels(gradients)),
            tuple(recorder.guards),
        )
        return renamed(program, lines)

    def with_soft_name(self, line: Assignment, soft: dict[Value, str]) -> str | None:
        """Return a line's own name, or the one that it has as a gradient of something."""
        return line.name or soft.get(line)

    def labels(self, gradients: dict[Any, Value]) -> list[str]:
        """Name the gradients after what they are gradients of."""
        names = name_values(Program(tuple(self.reader.recorder.inputs), (), ()))
        of_leaf = {id(each.leaf): name for each, name in names.items() if isinstance(each, Input)}
        labels = []
        for key in gradients:
            own = of_leaf.get(id(key)) or getattr(self.reader.lines.get(key), "name", None)
            labels.append(gradient_name(own or identifier(key.name or "") or "t"))
        return labels

    # ------------------------------------------------------------------------- in print
    def numpy(self) -> str:
        """Return the source of a Python module with one function, `NAME`, that needs only NumPy.

        It takes the arrays in ``inputs`` and returns the loss and the gradients, see ``outputs``.
        """
        return self.printed.text

    def latex(self, environment: str = "aligned") -> str:
        r"""Return the same as formulas, for LaTeX with amsmath, MathJax or KaTeX.

        Parameters
        ----------
        environment : ``"aligned"`` stands within a displayed formula, between dollar signs or
            ``\[ \]``. Formulas that take more than a page need ``"align*"``, which stands for
            itself, and ``\allowdisplaybreaks``.
        """
        return latex(self.program, self.printed.names, environment)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def steps(self, name: str | None = None) -> Steps:
        """Explain the chain rule for one of the Tensors, step by step.

        Parameters
        ----------
        name : as in ``outputs``, with or without the ``d_``; may be left out if there is only one.

        Raises
        ------
        KeyError
            If no gradient has that name.
        """
        labels = dict(zip(self.outputs[1:], self.wrt))
        wanted = name if name is not None or len(labels) != 1 else next(iter(labels))
        spellings = {wanted, identifier(wanted or "")}
        label = next((x for x in labels if spellings & {x, x.removeprefix("d_")}), None)
        if label is None:
            known = ", ".join(each.removeprefix("d_") for each in labels)
            none = f"there is no {wanted!r}" if wanted else "say which is wanted"
            raise KeyError(f"there are steps for {known}; {none}")
        return Telling(self, labels[label], label.removeprefix("d_")).steps()

    def __str__(self) -> str:
        return self.numpy()

    def __repr__(self) -> str:
        return f"<derivation of {', '.join(self.outputs[1:])} from {', '.join(self.inputs)}>"

    # ------------------------------------------------------------------------- in use
    def check(self) -> Report:
        """Run what is printed, and compare it with what the walk computes.

        Raises
        ------
        ArithmeticError
            If they differ by more than rounding.
        """
        found = compiled(self.numpy(), NAME)(*self.inputs.values())[1:]
        seed = np.ones(self.reader.root.y.shape, self.reader.root.y.dtype)
        walked = walk({self.reader.root: seed}, wrt=self.wrt)
        theirs = [walked[key] for key in self.wrt]
        return report(self.outputs[1:], found, theirs, len(self.program.assignments))


def renamed(program: Program, names: dict[Assignment, str | None]) -> Program:
    """Return the program with other names for some lines."""
    places: dict[Value, Value] = {}
    lines = []
    for line in program.assignments:
        operands = tuple(places.get(each, each) for each in line.operands)
        new = replace(line, operands=operands, name=names.get(line, line.name))
        places[line] = new
        lines.append(new)
    return replace(
        program,
        assignments=tuple(lines),
        outputs=tuple(places.get(each, each) for each in program.outputs),
        guards=tuple(replace(g, value=places.get(g.value, g.value)) for g in program.guards),
    )
