"""In a real notebook kernel everything that a learner looks at is shown, and nothing raises."""

from __future__ import annotations

from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

SETUP = """
import numpy as np
import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import draw_network, graph
from tinygrad_edu.training import History

tg.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
x = tg.Tensor(np.ones((2, 3)), name="x")
loss = model(x).sum()
hostile = tg.Tensor([1.0], requires_grad=True, name="</script><img src=x onerror=alert(1)>")
"""

CELLS = {
    "tensor": ("loss", {"text/plain", "text/html"}),
    "hostile tensor": ("hostile", {"text/plain", "text/html"}),
    "tensor of NaN": ("tg.Tensor([np.nan, np.inf])", {"text/plain", "text/html"}),
    "empty tensor": ("tg.Tensor(np.ones((0, 3)))", {"text/plain", "text/html"}),
    "module": ("model", {"text/plain", "text/html"}),
    "empty module": ("nn.Sequential()", {"text/plain", "text/html"}),
    "graph": ("graph(loss)", {"text/plain", "image/svg+xml"}),
    "graph after backward": ("loss.backward(); graph(loss)", {"text/plain", "image/svg+xml"}),
    "hostile graph": ("graph(hostile * 2)", {"text/plain", "image/svg+xml"}),
    "drawing": ("tg.draw(loss)", {"text/plain", "image/svg+xml"}),
    "architecture": ("draw_network(model)", {"text/plain", "image/svg+xml"}),
    "history": (
        "History([{'epoch': 1, 'loss': 0.5, '<i>': float('nan')}])",
        {"text/plain", "text/html"},
    ),
    "empty history": ("History()", {"text/plain", "text/html"}),
    "graph without Graphviz": (
        "import shutil, importlib.util as u\n"
        "shutil.which = lambda *a, **k: None\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'pygraphviz' else find(name, *a)\n"
        "graph(hostile * 3)",
        {"text/plain", "text/html"},
    ),
}


@pytest.fixture(scope="module")
def shown() -> dict[str, dict[str, Any]]:
    """Run all cells in one kernel; return what each has displayed, by mime type."""
    new = nbformat.v4.new_code_cell
    cells = [new(SETUP), *(new(source) for source, _ in CELLS.values())]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    found = {}
    for name, cell in zip(CELLS, notebook.cells[1:]):
        results = [each for each in cell.outputs if each.output_type == "execute_result"]
        noise = [each for each in cell.outputs if each.output_type != "execute_result"]
        assert noise == [], name
        assert len(results) == 1, name
        found[name] = dict(results[0].data)
    return found


@pytest.mark.parametrize("name", CELLS)
def test_what_is_looked_at_is_shown(shown: dict[str, dict[str, Any]], name: str) -> None:
    assert CELLS[name][1] <= set(shown[name])


def test_no_name_becomes_an_element_of_the_page(shown: dict[str, dict[str, Any]]) -> None:
    for bundle in shown.values():
        for kind in ("text/html", "image/svg+xml"):
            assert "<img" not in bundle.get(kind, "")
            assert "<script" not in bundle.get(kind, "")
            assert "<i>" not in bundle.get(kind, "")


def test_without_graphviz_a_graph_shows_its_text_and_the_remedy(
    shown: dict[str, dict[str, Any]],
) -> None:
    html = shown["graph without Graphviz"]["text/html"]
    assert "digraph" in html
    assert "pygraphviz" in html
