"""Compiled loops are used only when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tinygrad_edu import fast
from tinygrad_edu.ops.pool import COMPILED


def test_importing_switches_nothing_on_and_imports_no_numba() -> None:
    code = "import sys, tinygrad_edu.fast as f; f.disable(); sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert not COMPILED


def test_without_numba_the_error_names_the_extra(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r"numba.*pip install 'tinygrad_edu\[fast\]'"):
        fast.enable()
    assert not COMPILED
