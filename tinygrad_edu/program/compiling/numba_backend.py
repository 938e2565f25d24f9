"""Programs as machine code: loops, compiled by numba, on memory whose address is known.

A program that there are no loops for as a whole, as it has large matrix products, which are BLAS's
business, is left to NumPy's backend, where numba makes loops of its elementwise calls: ``fuse.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.op import Array
from tinygrad_edu.program.compiling.instructions import Fixed
from tinygrad_edu.program.compiling.lower import Lowering
from tinygrad_edu.program.compiling.numba_text import (
    Loops,
    NotInLoopsError,
    loop,
    numba_module,
)
from tinygrad_edu.program.compiling.tracing import Recording
from tinygrad_edu.program.execute import compiled
from tinygrad_edu.program.program import Assignment, Constant, Value

FAST = {"contract", "reassoc", "nsz"}
"""What may be rounded in another way: sums in any order, but no NaN and no infinity ignored."""


class NumbaProgram:
    """A recording, ready to be run: as `NumpyProgram`.

    Raises
    ------
    NotInLoopsError
        If there is no loop for a line.
    """

    def __init__(self, recording: Recording) -> None:
        if recording.program.guards:
            raise NotInLoopsError("checks are made by NumPy")
        self.here = here = Lowering({}, {})
        program = recording.program
        outside = (*recording.arguments, *recording.earlier)
        self.parameters = [here.names.take(x.name, "x") for x in outside]
        self.kept: dict[str, Array] = {}
        arrays: dict[Value, str] = dict(zip(outside, self.parameters))
        for value, array in recording.reads.items():
            if not array.flags.c_contiguous or not array.flags.writeable:
                raise NotInLoopsError("an array that is not in order")
            arrays[value] = self.keep(array, value.name or "p")
        for value in program.inputs:
            if value.dtype is None:
                number = np.array(float(value.array))
                arrays[value] = self.keep(number, value.name or "n")
                here.slots[value] = [number]
        loops = Loops(arrays, set(program.outputs), here.names)
        values = list(program.in_order())
        text = loops.write([x for x in values if isinstance(x, Assignment)])
        for value, name in loops.made.items():
            self.kept[name] = np.zeros(value.shape, value.dtype)
        self.kept.update(loops.constants)
        shown, written = len(recording.kinds), len(recording.writes)
        results = [self.copied(loops, text, x) for x in program.outputs[:shown]]
        news = [self.copied(loops, text, x) for x in program.outputs[shown : shown + written]]
        last = [self.copied(loops, text, x) for x in program.outputs[shown + written :]]
        for array, new in zip(recording.writes, news):
            if not array.flags.c_contiguous:
                raise NotInLoopsError("an array that is not in order")
            home = next((name for name, x in self.kept.items() if x is array), None)
            home = home or self.keep(array, "p")
            text.append(f"{home}[...] = {new}")
        self.last = [here.names.take("gradient", "g") for _ in last]
        self.results = [Fixed(name, self.kept[name]) for name in results]
        self.size = sum(x.nbytes for x in self.kept.values())
        self.module, self.run, self.runs = machine_code(self.parameters, text, self.kept)
        self.given = {"run": self.run, **{x.name: x.sample for x in self.results}}
        here.names.take("run", "f")
        self.lines = [f"run({', '.join(self.parameters)})", *self.as_comment()]
        inner = [here.names.take(name, "g") for name in last]
        self.given |= {name: self.kept[x] for name, x in zip(inner, last)}
        self.given |= {name: np.empty_like(self.kept[x]) for name, x in zip(self.last, last)}
        self.lines += [f"{outer}[...] = {x}" for outer, x in zip(self.last, inner)]

    @property
    def gradient_arrays(self) -> list[Array]:
        """The arrays of the gradients that are left behind."""
        return [self.given[name] for name in self.last]

    def renew(self) -> None:
        """Take other memory for the gradients: somebody has kept those of the last call."""
        self.given |= {name: np.empty_like(self.given[name]) for name in self.last}

    def keep(self, array: Array, wanted: str) -> str:
        """Name an array that stays where it is."""
        name = self.here.names.take(wanted, "p")
        self.kept[name] = array
        return name

    def copied(self, loops: Loops, text: list[str], value: Value) -> str:
        """Return the name of the array that holds an output, which no input is."""
        if value in loops.made:
            return loops.made[value]
        if isinstance(value, Constant) and value.dtype is None:
            raise NotInLoopsError("an output that is a number")
        name = self.here.names.take(None, "y")
        self.kept[name] = np.zeros(value.shape, value.dtype)
        index = [f"i{n}" for n in range(len(value.shape))]
        place = f"{name}[{', '.join(index) or '()'}]"
        text += loop(index, value.shape, [f"{place} = {loops.element(value, index)}"])
        return name

    def as_comment(self) -> list[str]:
        """Show what runs."""
        return [f"# {line}" for line in self.module.splitlines()]


def machine_code(parameters: list[str], text: list[str], kept: dict[str, Array]) -> Any:
    """Have the text compiled: as one step, and as a loop over many.

    Raises
    ------
    ImportError
        If numba is not installed.
    """
    numba = numba_module()
    given: dict[str, Any] = {"carray": numba.carray}
    head, types = [], {}
    for name, array in kept.items():
        if array.dtype not in types:
            types[array.dtype] = f"at_{array.dtype.name}"
            given[types[array.dtype]] = pointer(array.dtype)
        shape = array.shape or ()
        head.append(f"{name} = carray({types[array.dtype]}({array.ctypes.data}), {shape})")
    given["njit"] = numba.njit(fastmath=FAST, error_model="numpy")
    row = ", ".join(parameters)
    module = "\n".join([
        f"def make({', '.join(given)}):",
        "    import numpy as np",
        "    @njit",
        f"    def step({row}):",
        *(f"        {line}" for line in (*head, *text)),
        "    @njit",
        f"    def steps({', '.join(['n', *parameters])}):",
        "        for _ in range(n):",
        f"            step({row})",
        "    return step, steps",
    ])  # fmt: skip
    step, steps = compiled(module, "make")(**given)
    return module, step, steps


def pointer(dtype: Any) -> Any:
    """Make the function that turns an address into a pointer to numbers of a dtype."""
    from numba import from_dtype, types
    from numba.extending import intrinsic

    kind = types.CPointer(from_dtype(dtype))

    @intrinsic  # type: ignore[untyped-decorator]
    def at(typing: Any, address: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(kind))

        return kind(types.intp), code

    return at
