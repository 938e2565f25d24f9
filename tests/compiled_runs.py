"""Runs of ops and modules, to be compared with the same ones compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from module_samples import MODULES

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Op
from tinygrad_edu.program.compiling import entry, fuse
from tinygrad_edu.program.compiling.numba_text import NotInLoopsError
from tinygrad_edu.program.execute import compiled


def no_loops(recording: Any) -> Any:
    raise NotInLoopsError("it is left to fused calls")


def run_loops_by_python(patch: pytest.MonkeyPatch) -> None:
    """Let the backend "numba" fuse calls in every program, and run the loops without numba."""
    patch.setattr(entry, "NumbaProgram", no_loops)
    patch.setattr(entry, "numba_module", lambda: None)
    patch.setattr(
        fuse, "machine_code", lambda text: compiled(f"import numpy as np\n{text}", "loop")
    )


def tensors(op: Op, case: Case, seed: int, requires_grad: bool) -> list[tg.Tensor]:
    arrays = case.draw(np.random.default_rng(seed))
    return [tg.Tensor(a, requires_grad=requires_grad and a.dtype.kind in "fc") for a in arrays]


def listed(result: Any) -> list[Any]:
    return [
        np.asarray(each.numpy()) for each in (result if isinstance(result, tuple) else (result,))
    ]


def check_equal(ours: list[Any], theirs: list[Any]) -> None:
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def gradients(op: Op, case: Case, inputs: list[Any]) -> Any:
    """Compute the gradients of a weighted sum of all outputs."""
    leaves = [x.detach().requires_grad_(x.dtype.kind in "fc") for x in inputs]
    result = tg.Tensor.__record__(op, tuple(leaves), case.settings)
    parts = result if isinstance(result, tuple) else (result,)
    generator = np.random.default_rng(11)
    parts = [part for part in parts if part.dtype.kind in "fc"]
    total = sum((part * generator.uniform(0.5, 1.5, part.shape)).sum() for part in parts)
    total = np.real(total)
    if not total.requires_grad:
        return (total,)
    total.backward()
    return (total, *(x.grad for x in leaves if x.grad is not None))


def parts(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [each for part in result for each in parts(part)]
    return [] if result is None else [result.numpy()]


def module_gradients(name: str, wrap: Any) -> list[list[Any]]:
    """Call a module and walk back, twice; return the gradients of inputs and parameters."""
    build, arrays = MODULES[name]
    tg.manual_seed(1)
    module = build()

    def function(*inputs: Any) -> Any:
        module.zero_grad()
        copies = [i.detach().requires_grad_(i.dtype.kind == "f") for i in inputs]
        result = module(*copies)
        while isinstance(result, tuple):
            result = result[0]
        if result.requires_grad:
            (result * result).sum().backward()
        return [each.grad for each in (*copies, *module.parameters())]

    call = wrap(function)
    return [parts(call(*map(tg.Tensor, arrays))) for _ in range(2)]
