"""Spoilt files of all kinds are refused in words; see ``fuzz.py`` for a longer run."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

spec = importlib.util.spec_from_file_location("fuzz", Path(__file__).with_name("fuzz.py"))
fuzz: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fuzz)


@pytest.mark.parametrize("seed", range(4))
def test_a_spoilt_file_is_loaded_or_refused_and_nothing_else(seed: int) -> None:
    outcomes = fuzz.fuzz(seconds=60, seed=seed, most=250)
    assert outcomes.total() == 250
    assert 0 < outcomes["loaded"] < 50
    assert len(outcomes) > 15  # the damage gets to many places
