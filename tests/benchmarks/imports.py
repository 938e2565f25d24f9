"""What ``import tinygrad_edu`` costs on top of ``import numpy``, and which modules cost it.

``python tests/benchmarks/imports.py --threads 1``
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from harness import ROOT, parse_options, print_heading, print_row

MODULES = ("numpy", "tinygrad_edu")
SHOWN = 8


def import_alone(module: str, environment: dict[str, str], *flags: str) -> str:
    """Import a module in a fresh interpreter; return what that writes to standard error."""
    command = [sys.executable, *flags, "-c", f"import {module}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stderr


def seconds(module: str, environment: dict[str, str]) -> tuple[float, float]:
    """Return the time on the wall and the processor time of importing a module."""
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    import_alone(module, environment)
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def own_costs(module: str, environment: dict[str, str]) -> dict[str, int]:
    """Return the microseconds that each module took by itself, while ``module`` was imported."""
    costs = {}
    for line in import_alone(module, environment, "-X", "importtime").splitlines()[1:]:
        own, _, name = line.removeprefix("import time:").split("|")
        costs[name.strip()] = int(own)
    return costs


def print_times(turns: dict[str, list[tuple[float, float]]]) -> None:
    """Print the medians, and the median of the differences within a round."""
    pairs = list(zip(turns["numpy"], turns["tinygrad_edu"]))
    extra = [statistics.median(ours[i] - numpys[i] for numpys, ours in pairs) for i in (0, 1)]
    print_row(["module", "wall ms", "CPU ms"])
    print_row(["---", "---:", "---:"])
    for module in MODULES:
        medians = [statistics.median(clock) for clock in zip(*turns[module])]
        print_row([module, *(f"{median * 1e3:.1f}" for median in medians)])
    print_row(["tinygrad_edu beyond numpy", *(f"{more * 1e3:.1f}" for more in extra)])


def main() -> None:
    """Take turns, and print the times and the modules that cost most."""
    options = parse_options(rounds=21)
    turns: dict[str, list[tuple[float, float]]] = {module: [] for module in MODULES}
    with tempfile.TemporaryDirectory() as cache:  # compiled once for both, and not in the tree
        environment = {**os.environ, "PYTHONPATH": ROOT, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for module in MODULES:
            import_alone(module, environment)
        for number in range(options.rounds):
            for module in MODULES[:: -1 if number % 2 else 1]:
                turns[module].append(seconds(module, environment))
        numpys, ours = (own_costs(module, environment) for module in MODULES)
    print_heading("A fresh interpreter that imports one module", options)
    print_times(turns)
    costs = {name: own for name, own in ours.items() if name not in numpys}
    dearest = sorted(costs, key=lambda name: -costs[name])[:SHOWN]
    print(f"\nOf the {len(costs)} modules that NumPy does not import, by -X importtime, in µs:")
    print(", ".join(f"{name} {costs[name]}" for name in dearest))


if __name__ == "__main__":
    main()
