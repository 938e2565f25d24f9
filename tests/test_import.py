"""What is read in at first, and that everything else comes when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tinygrad_edu as tg

HEAVY = ("scipy", "matplotlib", "graphviz", "pygraphviz", "numba", "torch", "tqdm")


def in_a_fresh_interpreter(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_every_public_name_is_there() -> None:
    for name in tg.__all__:
        assert getattr(tg, name) is not None
    assert set(tg.__all__) <= set(dir(tg))


def test_what_comes_at_its_first_use_is_public() -> None:
    late = [name for names in tg.AT_FIRST_USE.values() for name in names]
    assert set(late) <= set(tg.__all__)
    assert len(late) == len(set(late))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tensor_flow'"):
        _ = tg.tensor_flow


@pytest.mark.parametrize(
    "expression",
    [
        "np.linalg.norm(x)",
        "np.add.reduce(x)",
        "np.hypot(x, 4.0)[0]",
        "np.multiply(x, 2.0, dtype=float)[0]",
        "np.fft.rfft(x)[0].real",
        "np.cumsum(x)[0]",
        "x.cumsum()[0]",
    ],
)
def test_an_op_that_is_asked_for_first_of_all_is_read_in(expression: str) -> None:
    program = f"""
import numpy as np, tinygrad_edu as tg
x = tg.Tensor([3.0], requires_grad=True)
({expression}).backward()
print(x.grad is not None)
"""
    assert in_a_fresh_interpreter(program) == "True"


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = f"import sys, tinygrad_edu; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert in_a_fresh_interpreter(program) == "[]"
