"""What the README shows is what happens."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from tinygrad_edu.draw import RenderError

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")


def texts(svg: str) -> list[str]:
    """Return what a picture says, wherever Graphviz has put it."""
    return sorted(re.findall(r">([^<>]+)</text>", svg))


def test_its_lines_train_draw_and_derive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    printed, names = io.StringIO(), {}
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "README.md", "exec"), names)  # noqa: S102  # our own text
    except RenderError as error:
        pytest.skip(f"no picture can be made here: {error}")
    assert names["loss"] < 0.01
    assert "d_linear0 = (d_linear2 @ weight2) * (sigmoid1 * (1 - sigmoid1))" in printed.getvalue()
    shown = (ROOT / "docs" / "graph.svg").read_text("utf-8")
    assert texts((tmp_path / "graph.svg").read_text("utf-8")) == texts(shown)


def test_its_links_lead_to_files() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", TEXT)
    files = [target for target in targets if not target.startswith("http")]
    assert len(files) > 10
    assert [target for target in files if not (ROOT / target).exists()] == []


def test_a_line_count_that_it_promises_holds() -> None:
    core = [(ROOT / "tinygrad_edu" / f"{name}.py") for name in ("op", "tensor", "backprop")]
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in core)
    assert lines < 900
