"""Running printed programs in a process that has nothing but NumPy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.program.derivation import Derivation

SCRIPT = """\
import sys, numpy as np
folder, count = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, folder)
sys.modules["tinygrad_edu"] = None
for number in range(count):
    backprop = __import__(f"program{number}").backprop
    with np.load(f"{folder}/inputs{number}.npz") as inputs:
        found = backprop(**inputs)
    np.savez(f"{folder}/found{number}.npz", *found)
"""


def run_with_numpy_alone(derivations: Sequence[Derivation], folder: Path) -> list[list[Any]]:
    """Run what is printed on the inputs of the recorded runs, all in one other process.

    It cannot import this package, and makes errors of warnings. Returned are the loss and the
    gradients of each.
    """
    for number, derivation in enumerate(derivations):
        (folder / f"program{number}.py").write_text(derivation.numpy(), encoding="utf-8")
        np.savez(folder / f"inputs{number}.npz", **derivation.inputs)
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(folder), str(len(derivations))]
    subprocess.run(command, check=True, timeout=120)
    results = []
    for number in range(len(derivations)):
        with np.load(folder / f"found{number}.npz") as found:
            results.append([found[key] for key in found.files])
    return results
