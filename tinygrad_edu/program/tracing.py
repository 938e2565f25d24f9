"""trace: run a function once, and return what it did as a program.

What is asked of values while it runs, such as ``if x > 0`` or ``x.item()``, would be decided once
and for all; so it is refused, with the line that asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from tinygrad_edu.program.program import Program
from tinygrad_edu.program.recorder import Recorder
from tinygrad_edu.program.traced import traced
from tinygrad_edu.tensor import Tensor

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOT_THE_USERS = (os.path.join(PACKAGE, ""), os.path.join(os.path.dirname(np.__file__), ""))


class TraceError(TypeError):
    """A function decides by values what it does, so that no program can stand for it."""


def trace(function: Callable[..., Any]) -> Callable[..., Program]:
    """Make of a function one that returns, for the same arguments, the program of what it does.

    Parameters
    ----------
    function : takes Tensors and arrays, also in tuples, lists and dicts, and returns such. Other
        arguments, such as numbers of layers, become part of the program.

    Returns
    -------
    A function that returns a `Program`. Its inputs are the arrays among the arguments, under the
    names of the parameters, and then the Tensors that the function uses from elsewhere.

    Raises
    ------
    TraceError
        If the function looks at the numbers in a Tensor, naming the line.

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
        recorder = Recorder(refuse_look)
        arguments = Arguments(recorder)
        names = list(parameter_names(function, len(args)))
        given = [arguments.placed(x, name) for x, name in zip(args, names)]
        keywords = {key: arguments.placed(x, key) for key, x in kwargs.items()}
        with recorder.watching():
            result = function(*given, **keywords)
            outputs = tuple(recorder.value_of(each) for each in arrays_of(result))
        return Program(
            tuple(recorder.inputs),
            tuple(recorder.assignments),
            outputs,
            guards=tuple(recorder.guards),
        )

    return program_of


class Arguments:
    """The arguments of a call, with what is traced in the place of Tensors and arrays."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def placed(self, x: Any, name: str) -> Any:
        """Return an argument with its Tensors and arrays made inputs of the program."""
        if type(x) in (tuple, list):
            return type(x)(self.placed(each, f"{name}{i}") for i, each in enumerate(x, 1))
        if type(x) is dict:
            return {key: self.placed(each, f"{name}_{key}") for key, each in x.items()}
        if not isinstance(x, (Tensor, np.ndarray)):
            return x
        own = x.name if isinstance(x, Tensor) else None
        tensor = traced(x._array if isinstance(x, Tensor) else np.array(x))
        tensor._requires_grad = isinstance(x, Tensor) and x.requires_grad
        if id(tensor._array) not in self.recorder.known:
            leaf = x if isinstance(x, Tensor) and x.requires_grad else None
            self.recorder.give(tensor._array, own or name, leaf)
        return tensor


def parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    """Name the positional arguments as the function does."""
    try:
        names = list(signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"x{i}" for i in range(len(names) + 1, count + 1)])[:count]


def arrays_of(result: Any) -> list[Any]:
    """List the arrays that a function has returned, in order."""
    if isinstance(result, Tensor):
        return [result._array]
    if isinstance(result, (np.ndarray, np.generic, int, float, complex)):
        return [np.asarray(result)]
    if isinstance(result, dict):
        return [array for each in result.values() for array in arrays_of(each)]
    if isinstance(result, (tuple, list)):
        return [array for each in result for array in arrays_of(each)]
    kind = type(result).__name__
    raise TypeError(f"a traced function returns Tensors, but this one returned a {kind}")


def refuse_look(tensor: Tensor) -> None:
    """Refuse to show numbers while a function is traced, unless a rule asks for them."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(NOT_THE_USERS):
        if frame.f_code.co_filename.endswith(RULES):
            return
        frame = frame.f_back
    code = frame.f_code
    raise TraceError(
        f"line {frame.f_lineno} of {code.co_filename}, in {code.co_name}, wants to know the "
        f"numbers in a Tensor of shape {tensor.shape}, and a program cannot depend on "
        f"those: no `if`, no loop, index or conversion by value; use np.where, a mask or "
        f"arithmetic instead"
    )


RULES = (os.path.join("tinygrad_edu", "backprop.py"),)
