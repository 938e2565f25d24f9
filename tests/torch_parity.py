"""Values and gradients of every sample call: ours, PyTorch's, and PyTorch's as they were stored.

What is stored is for places without PyTorch. After a change of the ops' samples or of the table,
``python tests/torch_parity.py`` writes it anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from laws import call, draw, leaves, outputs, relative_error, weights
from samples import OPS
from torch_table import TORCH, UNLIKE, torch

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op

STORE = Path(__file__).parent / "fixtures" / "torch_values.npz"
FREE_PHASES = {"svd": (0, 2), "eigh": (1,)}  # outputs that are vectors, times any phase or sign


def parity_calls() -> dict[str, tuple[Op, Case]]:
    """List the sample calls that PyTorch can be asked for, by name and number."""
    return {
        f"{name}-{number}": (OPS[name], case)
        for name in TORCH
        if name in OPS
        for number, case in enumerate(OPS[name].cases)
        if f"{name}-{number}" not in UNLIKE
    }


def without_phases(op: Op, y: Any) -> Any:
    """Take the square of the size of what may have any phase."""
    free = FREE_PHASES.get(op.name)
    return tuple(x * x.conj() if i in free else x for i, x in enumerate(y)) if free else y


def ours(op: Op, case: Case, arrays: list[Any]) -> list[Any]:
    """Return the outputs, and the gradients of their weighted sum."""
    inputs = leaves(arrays)
    parts = outputs(without_phases(op, call(op, inputs, case.settings)))
    wanted = [x for x in inputs if x.requires_grad]
    start = [weights(part) for part in parts]
    found = tg.autograd.grad(parts, wanted, start, allow_unused=True)
    zeros = (np.zeros(x.shape) for x in wanted)
    grads = [zero if dx is None else dx.numpy() for zero, dx in zip(zeros, found)]
    return [*(part.numpy() for part in parts), *grads]


def theirs(op: Op, case: Case, arrays: list[Any]) -> list[Any]:
    """Return the same of PyTorch, whose complex gradients are the conjugates of ours."""
    inputs = [torch().tensor(a, requires_grad=a.dtype.kind in "fc") for a in arrays]
    y = without_phases(op, TORCH[op.name](*inputs, **case.settings))
    parts = [part for part in (y if isinstance(y, (tuple, list)) else [y]) if is_number(part)]
    values = [plain(part) for part in parts]
    total = sum((part * torch().tensor(weights(value))).sum() for part, value in zip(parts, values))
    (total.real if total.is_complex() else total).backward()
    leaves_of_theirs = [x for x in inputs if x.requires_grad]
    return [*values, *(gradient_of(x) for x in leaves_of_theirs)]


def is_number(part: Any) -> bool:
    return bool(part.is_floating_point() or part.is_complex())


def plain(part: Any) -> Any:
    return part.detach().resolve_conj().resolve_neg().numpy()


def gradient_of(x: Any) -> Any:
    return np.zeros(x.shape) if x.grad is None else plain(x.grad).conj()


def largest_error(found: list[Any], expected: list[Any]) -> float:
    assert len(found) == len(expected)
    return max(relative_error(x, z, least=1e-4) for x, z in zip(found, expected))


# -------------------------------------------------------------------------------------- stored
def checksum(op: Op, case: Case) -> float:
    """Tell by one number whether a sample call is still the one that was stored."""
    total = sum(float(a[np.isfinite(a)].sum()) for a in draw(case))
    return total + sum(map(ord, repr(sorted(case.settings.items())))) * 1e-3


def write() -> None:
    """Store what PyTorch says, all numbers in one row."""
    names, sums, sizes, numbers = [], [], [], []
    for name, (op, case) in parity_calls().items():
        row = np.concatenate([part.ravel() for part in theirs(op, case, draw(case))])
        names.append(name)
        sums.append(checksum(op, case))
        sizes.append(row.size)
        numbers.append(row.astype(complex))
    row = np.concatenate(numbers)
    STORE.parent.mkdir(exist_ok=True)
    np.savez_compressed(STORE, names=names, sums=sums, sizes=sizes, real=row.real, imag=row.imag)


def stored() -> dict[str, Any]:
    """Return the stored numbers of every sample call that has not changed since."""
    with np.load(STORE) as file:
        ends = np.cumsum(file["sizes"])
        rows = dict(zip(file["names"].tolist(), np.split(file["real"] + 1j * file["imag"], ends)))
        sums = dict(zip(file["names"].tolist(), file["sums"]))
    return {
        name: rows[name]
        for name, (op, case) in parity_calls().items()
        if name in rows and np.isclose(sums[name], checksum(op, case), rtol=1e-12)
    }


if __name__ == "__main__":
    write()
    print(f"{len(stored())} sample calls in {STORE.stat().st_size} bytes")
