"""The source of functions that NumPy does not have, made self-contained.

``sigmoid`` stands in a program as a call of ``sigmoid``; its source, and that of all it uses,
stands above. Constants are written out as values, so that nothing but NumPy is imported.

Read next: ``edit.py``, for what is left out of a function's source.
"""

from __future__ import annotations

import builtins
import inspect
import math
import operator
import sys
import textwrap
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from tinygrad_edu.op import Op
from tinygrad_edu.program.edit import Editing, source_of
from tinygrad_edu.program.literals import (
    LONGEST,
    UnprintableError,
    is_counting,
    is_same_all_over,
    literal,
)
from tinygrad_edu.program.names import identifier

MATH: dict[Any, str] = {
    math.sqrt: "def {name}(x):\n    return float(np.sqrt(x))",
    math.log: "def {name}(x):\n    return float(np.log(x))",
    math.exp: "def {name}(x):\n    return float(np.exp(x))",
    math.prod: "def {name}(numbers):\n    return int(np.prod(numbers, dtype=int))",
    math.factorial: "def {name}(n):\n    return int(np.prod(range(1, n + 1), dtype=object))",
    math.ceil: "def {name}(x):\n    return int(np.ceil(x))",
    math.floor: "def {name}(x):\n    return int(np.floor(x))",
    operator.index: "def {name}(n):\n    return int(n)",
}
"""What stands for functions of ``math`` and ``operator``, so that nothing but NumPy is imported."""


class Sources:
    """The functions and constants that a program needs, in the order in which they were asked for.

    Attributes
    ----------
    texts : the source of each by the name that it got, what it uses first.
    imports : modules besides NumPy that something needs, such as SciPy for SciPy's functions.

    Parameters
    ----------
    data : arrays within settings that are data, and so to be handed in however small they are.
    """

    def __init__(self, data: Iterable[Any] = ()) -> None:
        self.data = {array_key(each) for each in data}
        self.texts: dict[str, str] = {}
        self.imports: set[str] = set()
        self.names: dict[int, str] = {}
        self.kept: list[Any] = []
        self.taken: set[str] = {"np"}
        self.arrays: dict[Any, Any] = {}
        self.array_names: dict[Any, str] = {}

    def name_for(self, thing: Any, wanted: str) -> str:
        """Choose a name for something, and remember it."""
        stem = identifier(wanted) or "function"
        name, number = stem, 2
        while name in self.taken:
            name, number = f"{stem}_{number}", number + 1
        self.taken.add(name)
        self.names[id(thing)] = name
        self.kept.append(thing)
        return name

    # ----------------------------------------------------------------------- what is asked for
    def function(self, op: Op) -> str:
        """Return the name under which an op can be called."""
        if id(op.forward) not in self.names:
            self.add_function(op.forward, op.name)
        return self.names[id(op.forward)]

    def ufunc(self, ufunc: Any) -> str:
        """Return how a ufunc is called: as ``np.exp``, or by the module that it is from."""
        name = "abs" if ufunc is np.absolute else ufunc.__name__
        if getattr(np, name, None) is ufunc:
            return f"np.{name}"
        special = sys.modules.get("scipy.special")
        if getattr(special, name, None) is ufunc:
            self.imports.add("scipy.special")
            return f"scipy.special.{name}"
        raise UnprintableError(f"the ufunc {name} belongs to no module that is known here")

    def add_function(self, function: Any, wanted: str) -> None:
        """Add the source of a function, after that of what it uses."""
        name = self.name_for(function, wanted)
        try:
            text = source_of(function)
        except (OSError, TypeError, SyntaxError) as error:
            raise UnprintableError(
                f"the source of {wanted} cannot be found ({error}); define it in a file, so that "
                f"it can be printed"
            ) from error
        self.texts[name] = Editing(text, namespace_of(function), self).edited(name)

    def hand_in(self, array: Any) -> str:
        """Return the name of an array that is a parameter; nothing, if it is to be written out."""
        key = array_key(array)
        short = array.size <= LONGEST or is_same_all_over(array) or is_counting(array)
        if short and key not in self.data:
            return ""
        self.arrays.setdefault(key, array)
        return self.array_names.get(key, "c1")

    def reference(self, thing: Any, wanted: str) -> str:
        """Return how something global is referred to, adding what it needs."""
        if thing is np or getattr(builtins, wanted, None) is thing:
            return wanted if thing is not np else "np"
        if id(thing) in self.names:
            return self.names[id(thing)]
        path = numpy_path(thing)
        if path:
            return path
        op = getattr(thing, "op", None)
        if isinstance(op, Op):
            return self.ufunc(op.forward) if isinstance(op.forward, np.ufunc) else self.function(op)
        if isinstance(thing, FunctionType):
            self.add_function(thing, wanted)
        elif isinstance(thing, BuiltinFunctionType) and thing in MATH:
            name = self.name_for(thing, wanted)
            self.texts[name] = MATH[thing].format(name=name)
        elif isinstance(thing, ModuleType) or callable(thing):
            return self.imported(thing, wanted)
        else:
            name = self.name_for(thing, wanted)
            try:
                self.texts[name] = f"{name} = {wrapped(name, literal(thing))}"
            except UnprintableError as error:
                raise UnprintableError(
                    f"{wanted}, which a function of the program uses: {error}; give it to the op "
                    f"as an argument instead"
                ) from error
        return self.names[id(thing)]

    def imported(self, thing: Any, wanted: str) -> str:
        """Refer to something of Python's own by its module."""
        if isinstance(thing, ModuleType):
            self.imports.add(thing.__name__)
            return thing.__name__
        module, path = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if not module or not path or "<" in path:
            raise UnprintableError(f"{wanted}, a {type(thing).__name__}, cannot be written down")
        self.imports.add(module)
        return f"{module}.{path}"


def array_key(array: Any) -> Any:
    """Return what is equal for equal arrays."""
    return array.dtype.str, array.shape, array.tobytes()


def numpy_path(thing: Any) -> str:
    """Return how something of NumPy's is reached from ``np``; nothing if it is not NumPy's."""
    if isinstance(thing, ModuleType):
        whole = thing.__name__
        return whole.replace("numpy", "np", 1) if whole.partition(".")[0] == "numpy" else ""
    name: Any = getattr(thing, "__name__", None)
    if isinstance(thing, np.ufunc):
        return f"np.{name}" if getattr(np, name, None) is thing else ""
    module: Any = getattr(thing, "__module__", None)
    if not isinstance(module, str) or not name or module.partition(".")[0] != "numpy":
        return ""
    return f"{module.replace('numpy', 'np', 1)}.{name}"


def wrapped(name: str, text: str) -> str:
    """Break a long constant into lines."""
    if len(text) + len(name) < 90 or not text.startswith("("):
        return text
    inner = textwrap.fill(text[1:-1], 92, break_long_words=False, break_on_hyphens=False)
    return f"(\n{textwrap.indent(inner, '    ')}\n)"


def namespace_of(function: Any) -> dict[str, Any]:
    """Return what the free names of a function stand for."""
    inner: Any = inspect.unwrap(function)
    cells = zip(inner.__code__.co_freevars, inner.__closure__ or ())
    return {**inner.__globals__, **{name: cell.cell_contents for name, cell in cells}}
