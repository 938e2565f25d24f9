"""trace: take down what a function does, and return it as a program.

It is done as for `compile`, see ``compiling/tracing.py``: everything that the function can reach is
followed, and it is called twice, with other numbers the second time. So what cannot be followed is
refused: a program in which a number was decided once and for all would be wrong for others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import numpy as np

from tinygrad_edu.program.compiling.tracing import Tracing
from tinygrad_edu.program.compiling.updates import NotYet
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.plain import Hole, dig
from tinygrad_edu.program.program import Program, Value, constant
from tinygrad_edu.tensor import Tensor


def trace(function: Callable[..., Any]) -> Callable[..., Program]:
    """Make of a function one that returns, for the same arguments, the program of what it does.

    Parameters
    ----------
    function : takes Tensors and arrays, also in tuples, lists and dicts, and returns such. Other
        arguments, such as numbers of layers, become part of the program.

    Returns
    -------
    A function that returns a `Program`. Its inputs are the arrays among the arguments, under the
    names of the parameters, and then the Tensors that the function uses from elsewhere. What the
    function changes in place, it changes neither while it is traced nor in the program: only what
    it returns is an output.

    Raises
    ------
    TraceError
        If the function looks at the numbers in a Tensor, naming the line; or if some of its numbers
        come from where they cannot be followed to.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.program import trace
    >>> program = trace(lambda x: np.exp(x).sum())(tg.Tensor([0.0, 1.0]))
    >>> print(program)
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def program(x):
        t1 = np.exp(x)  # (2,)
        y = np.sum(t1)  # ()
        return y
    """

    def program_of(*args: Any, **kwargs: Any) -> Program:
        leaves: list[Any] = []
        template = dig((args, kwargs), leaves)
        names = argument_names(parameter_names(function, len(args)), template, leaves)
        try:
            recording = Tracing(function, leaves, template, names).recorded()
        except NotYet as error:
            raise TraceError(
                "an optimizer makes the arrays that it keeps in its first step; take that before "
                "the function is traced"
            ) from error
        outputs = tuple(results(recording.template, recording.program.outputs))
        return Program(
            recording.program.inputs,
            recording.program.assignments,
            outputs,
            guards=recording.program.guards,
        )

    return program_of


def parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    """Name the positional arguments as the function does."""
    try:
        names = list(signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"x{i}" for i in range(len(names) + 1, count + 1)])[:count]


def argument_names(parameters: list[str], template: Any, leaves: list[Any]) -> list[str]:
    """Name the arrays among the arguments: as they are called, or by where they stand."""
    args, kwargs = template
    found = [x for name, part in zip(parameters, args) for x in places(part, name)]
    found += [x for name, part in kwargs.items() for x in places(part, name)]
    return [(isinstance(x, Tensor) and x.name) or name for name, x in zip(found, leaves)]


def places(part: Any, name: str) -> Iterator[str]:
    """Yield a name for each hole in an argument."""
    if isinstance(part, Hole):
        yield name
    elif type(part) in (tuple, list):
        for i, each in enumerate(part, 1):
            yield from places(each, f"{name}{i}")
    elif type(part) is dict:
        for key, each in part.items():
            yield from places(each, f"{name}_{key}")


def results(template: Any, outputs: tuple[Value, ...]) -> Iterator[Value]:
    """Yield what a function has returned, in order."""
    if isinstance(template, Hole):
        yield outputs[template.position]
    elif isinstance(template, (np.generic, int, float, complex)):
        yield constant(np.asarray(template))
    elif isinstance(template, dict):
        for each in template.values():
            yield from results(each, outputs)
    elif isinstance(template, (tuple, list)):
        for each in template:
            yield from results(each, outputs)
    else:
        kind = type(template).__name__
        raise TypeError(f"a traced function returns Tensors, but this one returned a {kind}")
