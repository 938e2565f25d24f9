"""How errors say what was being done: with which shapes and dtypes, and what to try."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinygrad_edu.op import Memory, Node


def file_name(path: str) -> str:
    """Name a file as its reader knows it: the cell of a notebook by its number."""
    notebook = sys.modules.get("IPython")
    shell = notebook and notebook.get_ipython()
    cell = shell.compile.format_code_name(path) if shell else None
    return " ".join(cell) if cell else path


def outline(value: Any) -> str:
    """Say what a value is without printing it: shape and dtype, or the value of a scalar."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.shape} {value.dtype}"
    if isinstance(value, tuple):
        return f"({', '.join(map(outline, value))})"
    return repr(value) if isinstance(value, (bool, int, float, complex)) else type(value).__name__


def explain(error: Exception, what: str, hint: str = "") -> Exception:
    """Make an error of the same type that also says what was being done.

    An error whose type cannot be built from a message alone becomes its nearest standard relative,
    so that ``except TypeError`` still catches what NumPy derives from TypeError.
    """
    if "casting rule" in str(error):  # NumPy's words; the shapes, of which hints tell, are right
        hint = "convert one of the two, as in x.astype(float)"
    message = f"{what}: {error}" + (f"; {hint}" if hint else "")
    for kind in type(error).__mro__:  # an error of a user's own may want other arguments
        if kind.__module__ in ("builtins", "numpy.exceptions", "numpy.linalg"):
            try:
                return kind(message)  # type: ignore[no-any-return]
            except TypeError:  # as UnicodeError, which wants five arguments
                continue
    return RuntimeError(message)


def in_rule(node: Node, parent: Any) -> str:
    """Say which rule was running."""
    name = node.op.argument(next(i for i, p in enumerate(node.parents) if p is parent))
    call = node.op.describe(node.arrays, node.settings)
    return f"in the derivative rule of {node.op.name} for {name}, walking back through {call}"


def changed_in_place(node: Node, memory: Memory) -> RuntimeError:
    """Build the error for memory that was written into between recording and walking."""
    position = next(i for i, x in enumerate(node.arrays) if x is memory.array)
    what = f"tensor {memory.name!r}, " if memory.name else ""
    return RuntimeError(
        f"{what}argument {node.op.argument(position)} was changed in place after "
        f"{node.op.describe(node.arrays, node.settings)} had "
        f"read it, so its old value, which the gradient needs, is gone; call backward() before "
        f"changing it, or give it a new array (t.data = new), or compute on a copy (t.clone())"
    )
