"""What the tests of the core share: each leaves the library as it found it.

The tests declare ops of their own and switch recording on and off, and some do so wrongly on
purpose; nothing of that may reach the next test.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tinygrad_edu.ops.everything  # noqa: F401  # or the tables would be put back to a part
from tinygrad_edu import dispatch, dtypes, op, recording


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    tables = [(table, dict(table)) for table in (op.REGISTRY, dispatch.NUMPY, dispatch.OPS)]
    token = recording.CONTEXT.set(recording.Context())
    default = dtypes.get_default_dtype()
    yield
    dtypes.set_default_dtype(default)
    recording.CONTEXT.reset(token)
    for table, before in tables:
        table.clear()
        table.update(before)


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(20)
