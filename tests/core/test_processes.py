"""A child process computes the same gradient, forked or spawned, after its parent has done so.

The parent is a fresh interpreter of its own, so that threads of the test run do not matter.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import multiprocessing, sys
import numpy as np
import tinygrad_edu as tg

def gradient(x):
    loss = (np.exp(x) * tg.sigmoid(x)).sum()
    loss.backward()
    return x.grad

def job(connection):
    x = connection.recv()
    assert x.requires_grad and x.name == "x" and x.grad is None
    connection.send((gradient(x), tg.is_grad_enabled()))

if __name__ == "__main__":
    x = tg.Tensor([0.5, -1.0], requires_grad=True, name="x")
    expected = gradient(x).tolist()
    x.grad = None
    context = multiprocessing.get_context(sys.argv[1])
    here, there = context.Pipe()
    child = context.Process(target=job, args=(there,))
    child.start()
    here.send(x)
    assert here.poll(60), "the child did not answer"
    found, recording = here.recv()
    child.join(15)
    assert child.exitcode == 0
    assert found.tolist() == expected and not found.requires_grad and recording
    assert gradient(x).tolist() == expected
    print("same")
"""


@pytest.mark.parametrize(
    "method", [m for m in multiprocessing.get_all_start_methods() if m != "forkserver"]
)
def test_a_child_process_gets_the_same_gradient(method: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, str(program), method], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "same\n"
