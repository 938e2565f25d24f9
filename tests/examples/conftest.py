"""What the tests of the examples share."""

from __future__ import annotations

import pytest
from example_runs import Run


@pytest.fixture(scope="session")
def run_example(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run an example by its name; a second call returns what the first has found."""
    pytest.importorskip("matplotlib", reason="the examples draw with Matplotlib")
    return Run(tmp_path_factory.mktemp("examples"))
