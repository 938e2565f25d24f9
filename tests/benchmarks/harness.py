"""The harness of the benchmarks: same work, same result, taking turns.

A workload is a few *contenders*: functions that prepare themselves and return a function ``run``,
which does the work once and returns the result. Each contender lives in a process of its own, so
that nobody inherits another's caches, threads or garbage. Before anything is timed, every result is
compared with the first contender's. Then the contenders take turns, and each round turns the order
around, so that other work on the machine hits all alike. What counts is a ratio within one run, not
the milliseconds of one machine.

With ``--threads 1`` everything shares one CPU and ratios are of processor time, which does not
count the moments that the machine spent on others. With more, they are of the time on the wall.

Read next: ``article.py``, the first workload; ``run.py`` runs them all.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
PER_SECOND = {"ms": 1e3, "µs": 1e6}
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
TURN = 0.25  # seconds: a contender's turn repeats its run until it is about this long

Run = Callable[[], Mapping[str, Any]]
SPAWN = multiprocessing.get_context("spawn")


class Contender:
    """One way to do the work, ready in its own process."""

    def __init__(self, name: str, setup: Callable[[], Run], tree: str = ROOT) -> None:
        self.name = name
        self.line, other_end = SPAWN.Pipe()
        SPAWN.Process(target=serve, args=(other_end, setup, tree), daemon=True).start()
        other_end.close()
        self.result = self.line.recv()  # its values, or a sentence that says why there are none
        self.turns: list[tuple[float, float]] = []  # seconds a run took on the wall, and of a CPU

    def take_turn(self, repetitions: int) -> tuple[float, float]:
        """Do the work some times; return the seconds of wall and processor time of one."""
        self.line.send(repetitions)
        wall, cpu = self.line.recv()
        return wall / repetitions, cpu / repetitions

    def ratio(self, other: Contender, clock: int) -> float:
        """Median over the rounds of how much longer this one took than another."""
        return statistics.median(
            mine[clock] / theirs[clock] for mine, theirs in zip(self.turns, other.turns)
        )


def serve(line: Any, setup: Callable[[], Run], tree: str) -> None:
    """Prepare a contender, then run it as often as asked: the life of its process."""
    sys.path.insert(0, tree)
    try:
        run = setup()
    except ImportError as error:
        line.send(f"not installed ({error})")
        return
    line.send(dict(run()))
    while repetitions := line.recv():
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(repetitions):
            run()
        line.send((time.perf_counter() - wall, time.process_time() - cpu))


def call_in_new_process(function: Callable[..., Any], *args: Any, tree: str = ROOT) -> Any:
    """Call a function in a fresh process and return its result, or why it was not to be had."""
    line, other_end = SPAWN.Pipe()
    process = SPAWN.Process(target=_call, args=(other_end, function, args, tree), daemon=True)
    process.start()
    other_end.close()
    result = line.recv()
    process.join()
    return result


def _call(line: Any, function: Callable[..., Any], args: tuple[Any, ...], tree: str) -> None:
    sys.path.insert(0, tree)
    try:
        line.send(function(*args))
    except ImportError as error:
        line.send(f"not installed ({error})")


def compare(
    title: str,
    contenders: dict[str, Callable[[], Run]],
    *,
    references: Sequence[str],
    unit: str,
    parts: int = 1,
) -> None:
    """Let the contenders take turns and print what came out as a Markdown table.

    Parameters
    ----------
    contenders : what prepares each, by name; the first one's results are what all must return.
    references : the contenders that the others' times are divided by.
    unit, parts : times are printed in this unit, for one of so many parts of a run.
    """
    options = parse_options(rounds=9)
    ready, missing = [], {}
    for name, (setup, tree) in select(contenders, options).items():
        contender = Contender(name, setup, tree)
        if isinstance(contender.result, str):
            missing[name] = contender.result
            continue
        ready.append(contender)
        check_equal(name, contender.result, ready[0].result)
    repetitions = {c.name: max(1, round(TURN / c.take_turn(1)[0])) for c in ready}
    for number in range(options.rounds):
        for contender in ready[:: -1 if number % 2 else 1]:
            contender.turns.append(contender.take_turn(repetitions[contender.name]))
    for contender in ready:
        contender.line.send(0)
    print_heading(title, options)
    print_table(ready, [c for c in ready if c.name in references], options, unit, parts)
    for name, reason in missing.items():
        print(f"| {name} | {reason} |")


def print_table(
    ready: list[Contender], references: list[Contender], options: Any, unit: str, parts: int
) -> None:
    """Print a row for each contender, and a column of ratios for each reference."""
    clock, clock_name = (1, "CPU") if options.threads == 1 else (0, "wall")
    header = ["contender", f"wall {unit}", f"CPU {unit}"]
    header += [f"{clock_name} ratio to {reference.name}" for reference in references]
    print_row(header)
    print_row(["---", *["---:"] * (len(header) - 1)])
    for contender in ready:
        medians = [statistics.median(seconds) for seconds in zip(*contender.turns)]
        times = [f"{seconds * PER_SECOND[unit] / parts:.4g}" for seconds in medians]
        ratios = [f"{contender.ratio(reference, clock):.3f}" for reference in references]
        print_row([contender.name, *times, *ratios])


def check_equal(name: str, result: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Stop unless two contenders did the same work: times of different work mean nothing."""
    import numpy as np

    for key, value in expected.items():
        if not np.allclose(result[key], value, rtol=1e-9, atol=1e-12):
            difference = np.max(np.abs(np.subtract(result[key], value)))
            sys.exit(f"{name} does other work: its {key} is off by {difference}")


# -------------------------------------------------------------------------------- options
def parse_options(rounds: int) -> argparse.Namespace:
    """Read the command line, and hold the process and its children to that many threads."""
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="1 also pins to a CPU")
    parser.add_argument("--rounds", type=int, default=rounds, help="turns for each contender")
    parser.add_argument("--only", default="", help="contenders to keep, with commas between")
    parser.add_argument("--skip", default="", help="contenders to leave out")
    parser.add_argument(
        "--against", metavar="TREE", help="a second checkout: its tinygrad_edu contends too"
    )
    options = parser.parse_args()
    os.environ.update(dict.fromkeys(POOLS, str(options.threads)))
    if options.threads == 1 and hasattr(os, "sched_setaffinity"):  # Linux only
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return options


def select(contenders: dict[str, Any], options: argparse.Namespace) -> dict[str, tuple[Any, str]]:
    """Pick contenders by ``--only`` and ``--skip``; the first stays, as the measure of results."""
    only, skip = options.only.split(","), options.skip.split(",")
    unknown = {*only, *skip} - {"", *contenders}
    if unknown:
        sys.exit(f"no contender {', '.join(sorted(unknown))}; there are {', '.join(contenders)}")
    chosen: dict[str, tuple[Any, str]] = {}
    for name, setup in contenders.items():
        if chosen and (name in skip or (options.only and name not in only)):
            continue
        chosen[name] = (setup, ROOT)
        if options.against and name.startswith("tinygrad_edu"):
            chosen[f"{name} of {options.against}"] = (setup, str(Path(options.against).resolve()))
    return chosen


# --------------------------------------------------------------------------------- output
def print_row(cells: Sequence[str]) -> None:
    """Print one row of a Markdown table."""
    print("|", " | ".join(cells), "|", flush=True)


def print_heading(title: str, options: argparse.Namespace) -> None:
    """Print what was measured, and on what."""
    import numpy as np

    print(f"\n### {title}\n")
    print(
        f"{platform.machine()}, {os.cpu_count()} CPUs; Python {platform.python_version()}, "
        f"NumPy {np.__version__}; threads: {options.threads}, rounds: {options.rounds}\n"
    )


def peak_memory() -> int:
    """Return the most memory that this process has had at a time, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
