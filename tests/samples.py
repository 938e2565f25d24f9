"""The sample calls of the registry, for tests that run over all ops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu.ops.everything  # noqa: F401  # fills the registry
from tinygrad_edu.op import REGISTRY, Case, Op


def calls(without: set[str] | frozenset[str] = frozenset()) -> list[Any]:
    """List every sample call of every op, but for some ops."""
    return [
        pytest.param(op, case, id=f"{name}-{number}")
        for name, op in REGISTRY.items()
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
