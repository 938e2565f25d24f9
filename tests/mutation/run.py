"""How many wrong rules the tests would notice: ``python tests/mutation/run.py``.

One mutant after the other takes a rule's place, and the laws of ``laws.py`` are tried on the sample
calls of the ops that it belongs to, until one of them fails: then the mutant is killed. For what
the laws do not notice, such as the gradient at a NaN, there are the tests of the file that the rule
is in, and they are tried next. A mutant that is the same function in other words cannot be killed;
those are listed, with the reason, in ``equivalent.py``. Printed are the share of the others that
was killed, and those that were not.
"""

from __future__ import annotations

import argparse
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as pytest's pythonpath does

import laws
import pytest
from mutation.equivalent import EQUIVALENT
from mutation.mutants import Mutant, mutants_of, targets, targets_in_the_walk
from samples import rules_of

from tinygrad_edu.check import Checker
from tinygrad_edu.op import Op


def laws_for(op: Op) -> Iterator[Any]:
    """List what must hold for an op, what finds most first."""
    for case in op.cases:
        yield lambda c=case: laws.python_numbers_do_as_well(op, c)
    for case in op.cases:
        yield lambda c=case: laws.is_linear_in_the_upstream_gradient(op, c)
        if op.name not in laws.WITHOUT_COMPLEX_STEP:
            yield lambda c=case: laws.agrees_with_the_complex_step(op, c)
        yield lambda c=case: laws.agrees_with_numbers(op, c)
    for case in op.cases:
        yield lambda c=case: laws.each_output_alone_agrees_with_numbers(op, c)
    for kink in op.kinks:
        yield lambda k=kink: laws.kink_is_as_promised(op, k)
    for case in op.cases:
        if op.name not in laws.CHANGES_DTYPE:
            yield lambda c=case: laws.agrees_with_numbers_where_complex(op, c)
            yield lambda c=case: laws.single_precision_stays_single(op, c)
        yield lambda c=case: laws.layout_does_not_matter(op, c)
        yield lambda c=case: laws.changes_nothing_it_is_given(op, c)


TESTS = Path(__file__).resolve().parents[1]
TESTS_ELSEWHERE = {
    "arithmetic": ["core/test_numerics.py"], "linalg": ["ops/test_products.py"],
    "linear": ["nn/test_linear.py"], "shape": ["ops/test_assemble.py"],
    "reduce": ["ops/test_order.py"], "index": ["core/test_indexing.py", "core/test_values.py"],
    "activation": ["nn/test_activation.py"], "rectifiers": ["nn/test_activation.py"],
    "gates": ["nn/test_activation.py"], "conv_window": ["ops/test_conv.py", "nn/test_conv.py"],
    "pool": ["nn/test_pooling.py", "fast/test_loops.py"], "conv": ["nn/test_conv.py"],
    "loss": ["nn/test_loss.py", "nn/test_loss_classes.py"], "normalize": ["nn/test_norm.py"],
}  # fmt: skip


OF_THE_WALK = (
    "walk", "broadcasting", "ownership", "backward", "second_order", "dtypes", "in_place",
    "custom_ops", "zero_d_and_empty", "exceptions", "grad_mode", "foreign_operands",
)  # fmt: skip
LONGEST = 60  # seconds for one mutant


def own_tests(mutant: Mutant) -> list[str]:
    """Find the tests of the files that a function and the rules that call it are in."""
    if not mutant.target.ops:
        hooks = [str(path) for path in sorted((TESTS / "core_hooks").glob("test_*.py"))]
        return [*(str(TESTS / "core" / f"test_{name}.py") for name in OF_THE_WALK), *hooks]
    modules = [mutant.target.function.__module__]
    modules += [rule.__module__ for op in mutant.target.ops for rule in rules_of(op)]
    names = list(dict.fromkeys(module.rpartition(".")[2] for module in modules))
    found = [TESTS / "test_kinks.py", TESTS / "test_arbitrary_vectors.py"]
    found += [TESTS / "ops" / f"test_{name}.py" for name in names]
    found += [TESTS / path for name in names for path in TESTS_ELSEWHERE.get(name, [])]
    return [str(path) for path in found if path.exists()]


@contextmanager
def limited() -> Iterator[None]:
    """Stop what has gone on for too long, for some mutants never end."""
    if not hasattr(signal, "SIGALRM"):  # Windows has none
        yield
        return
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)


def too_long(*_: Any) -> None:
    raise TimeoutError("the mutant never ends")


def survives_its_tests(mutant: Mutant) -> bool:
    """Tell whether the tests of the file that a function is in do not notice either."""
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *own_tests(mutant)]
    with mutant.applied(), redirect_stdout(StringIO()), redirect_stderr(StringIO()), limited():
        return pytest.main(options) == 0


def survives_the_laws(mutant: Mutant) -> bool:
    """Tell whether no law notices."""
    with mutant.applied(), warnings.catch_warnings(), limited():
        warnings.simplefilter("error")
        try:
            for op in mutant.target.ops:
                for law in laws_for(op):
                    law()
        except Exception:  # noqa: BLE001  # whatever it is, pytest would have shown it
            return False
    return True


class Tally:
    """What became of the mutants."""

    def __init__(self) -> None:
        self.killed: Counter[str] = Counter()
        self.killed_by_tests = 0
        self.survivors: list[Mutant] = []
        self.equivalent: list[Mutant] = []
        self.not_equivalent: list[Mutant] = []

    def add(self, mutant: Mutant, thorough: bool) -> None:
        listed = str(mutant) in EQUIVALENT
        if mutant.target.ops and not survives_the_laws(mutant):
            self.killed[mutant.kind] += 1
            if listed:
                self.not_equivalent.append(mutant)
        elif listed:
            self.equivalent.append(mutant)
        elif thorough and not survives_its_tests(mutant):
            self.killed[mutant.kind] += 1
            self.killed_by_tests += 1
        else:
            self.survivors.append(mutant)
            if thorough:
                print(f"survived: {mutant}  ({mutant.kind})", flush=True)

    @property
    def share(self) -> float:
        """The share of the mutants that were killed, of all that could be."""
        killed = sum(self.killed.values())
        return killed / max(killed + len(self.survivors), 1)

    def __str__(self) -> str:
        killed = sum(self.killed.values())
        lines = [f"listed as equivalent, but killed: {each}" for each in self.not_equivalent]
        lines += [f"{count:5} killed: {kind}" for kind, count in self.killed.most_common()]
        lines.append(
            f"mutation run: {killed} of {killed + len(self.survivors)} mutants of the rules killed "
            f"({self.share:.2%}; {killed - self.killed_by_tests} by the laws alone); "
            f"{len(self.equivalent)} more are equivalent"
        )
        return "\n".join(lines)


def run(mutants: Iterable[Mutant], thorough: bool = False) -> Tally:
    """Try mutants, without looking for the cause of each failure."""
    tally = Tally()
    cause, Checker.cause = Checker.cause, lambda *_: ""  # type: ignore[method-assign]
    try:
        for mutant in mutants:
            tally.add(mutant, thorough)
    finally:
        Checker.cause = cause  # type: ignore[method-assign]
    return tally


def all_mutants(only: str = "") -> Iterator[Mutant]:
    for target in [*targets(), *targets_in_the_walk()]:
        if only in target.where:
            yield from mutants_of(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="part of the name of a rule or function")
    arguments = parser.parse_args()
    begin = process_time()
    tally = run(all_mutants(arguments.only), thorough=True)
    print(tally)
    print(f"{process_time() - begin:.0f} s")
    sys.exit(bool(tally.not_equivalent) or tally.share < 0.99)
