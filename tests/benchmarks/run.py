"""Run benchmarks, one after the other: ``python tests/benchmarks/run.py all --threads 1``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WORKLOADS = (
    "article", "chain", "depth", "memory", "imports", "mlp", "cnn", "transformer", "drawing",
)  # fmt: skip


def main() -> None:
    """Run the workloads that are named, or all; hand the options on to each."""
    chosen = [workload for workload in WORKLOADS if workload in sys.argv] or WORKLOADS
    options = [word for word in sys.argv[1:] if word not in ("all", *WORKLOADS)]
    for workload in chosen:
        script = Path(__file__).with_name(f"{workload}.py")
        subprocess.run([sys.executable, str(script), *options], check=True)


if __name__ == "__main__":
    main()
