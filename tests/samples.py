"""The ops of this package and their sample calls, for tests that run over all of them.

Next: ``laws.py``, what must hold for each of them; ``error_samples.py``, how to call them wrongly.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest

import tinygrad_edu.ops.everything  # noqa: F401  # fills the registry
from tinygrad_edu.cases import Case
from tinygrad_edu.op import REGISTRY, Op, RuleOfEach


def names(text: str) -> list[str]:
    """List the names in a text, for tables that are mostly names."""
    return text.split()


def rules_of(op: Op) -> list[Any]:
    """List an op's rules, without the places where there is none."""
    rules = [op.rules.rule] if isinstance(op.rules, RuleOfEach) else list(op.rules)
    return [rule for rule in rules if rule is not None]


def is_ours(op: Op) -> bool:
    """Tell whether the package brought the op: not a test or a user, nor SciPy, when it is there.

    SciPy's functions have a table of their own, and tests in ``ops/test_scipy.py``.
    """
    modules = {rule.__module__.partition(".")[0] for rule in rules_of(op)}
    return modules == {"tinygrad_edu"} and not op.name.startswith("scipy.")


OPS = {name: op for name, op in REGISTRY.items() if is_ours(op)}


def calls(without: Collection[str] = ()) -> list[Any]:
    """List every sample call of every op, but for some ops."""
    return [
        pytest.param(op, case, id=f"{name}-{number}")
        for name, op in OPS.items()
        if name not in without
        for number, case in enumerate(op.cases)
    ]


def real_calls() -> list[Any]:
    """List the sample calls that make one real array of real ones."""
    return [each for each in calls() if _is_real(*each.values)]


def _is_real(op: Op, case: Case) -> bool:
    inputs = case.draw(np.random.default_rng(0))
    y = op.forward(*inputs, **case.settings)
    return not isinstance(y, tuple) and all(np.asarray(a).dtype.kind != "c" for a in (*inputs, y))
