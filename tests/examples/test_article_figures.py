"""The example that draws the article's figures does what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PATH = Path(__file__).parents[2] / "examples" / "article_figures.py"


def test_the_program_draws_every_figure_and_the_page(tmp_path: Path) -> None:
    out = tmp_path / "new" / "figures"
    command = [sys.executable, str(PATH), "--iterations", "120", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    written = [Path(line.split(" ", 1)[1]) for line in done.stdout.splitlines() if "wrote " in line]
    assert set(written) == set(out.iterdir())
    assert "output = model(x)" in (out / "explorer.html").read_text(encoding="utf-8")
