"""The example of image classification runs from end to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "examples" / "image_classification.py"


def test_the_program_trains_and_draws(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the pictures are drawn by Matplotlib")
    command = [sys.executable, str(PATH), "--quick", "--out", str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "multiply-adds" in done.stdout
    assert "epoch 5/5" in done.stdout
    names = {path.stem for path in tmp_path.iterdir()}
    assert names == {"features", "filters", "mistakes", "predictions", "training"}
