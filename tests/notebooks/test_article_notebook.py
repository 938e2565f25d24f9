"""The article as a notebook: it runs from top to bottom, and its two networks are the article's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.article import HandDerivedNetwork

nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")
pytest.importorskip("matplotlib", reason="Matplotlib is not installed")

NOTEBOOK = Path(__file__).parents[2] / "examples" / "article.ipynb"

FOUND = """
import json
print(json.dumps({
    "weights by hand": [by_hand.weights1.tolist(), by_hand.weights2.tolist()],
    "losses by hand": losses_by_hand,
    "losses recorded": losses_recorded,
    "predictions": by_hand.feedforward().tolist(),
}))
"""

ERROR = "2 * (Y - network.output) * sigmoid_slope(network.output)"
ANSWERS = {  # to each exercise a right answer, and a mistake that is easily made
    "d_mean": (f"network.layer1.T @ ({ERROR}) / 4", f"network.layer1.T @ ({ERROR})"),
    "d_bias": (f"np.sum({ERROR}, axis=0)", f"np.mean({ERROR}, axis=0)"),
    "d_tanh": (
        "X.T @ ((2 * (Y - said) * sigmoid_slope(said)) @ network.weights2.T * (1 - hidden**2))",
        "X.T @ ((2 * (Y - said) * sigmoid_slope(said)) @ network.weights2.T * (1 - hidden))",
    ),
    "swish_rule": (
        "lambda dy, y, x: dy * (y + tg.sigmoid(x) * (1 - y))",
        "lambda dy, y, x: dy * (y + tg.sigmoid(x))",
    ),
}


def read() -> Any:
    """Return the notebook as it is committed."""
    return nbformat.read(NOTEBOOK, as_version=4)


def printed(cell: Any) -> str:
    """Return all that a cell has printed."""
    return "".join(each.text for each in cell.outputs if each.output_type == "stream")


def exercises(notebook: Any) -> dict[str, str]:
    """Return the text of each exercise, by the name that waits for an answer."""
    cells = [cell.source for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    waiting = [[line for line in text.splitlines() if " = None" in line] for text in cells]
    return {lines[0].split(" = ")[0]: text for text, lines in zip(cells, waiting)}


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    """Run the notebook, then what it has found, then each exercise answered rightly and wrongly."""
    notebook, new = read(), nbformat.v4.new_code_cell
    own = list(notebook.cells)
    asked = exercises(notebook)
    answered = {
        (name, right): new(asked[name].replace(f"{name} = None", f"{name} = {answer}"))
        for name, answers in ANSWERS.items()
        for right, answer in zip((True, False), answers)
    }
    last = new(FOUND)
    notebook.cells += [last, *answered.values()]
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return {"cells": own, "found": json.loads(printed(last)), "answered": answered}


def test_it_is_valid_and_has_no_outputs() -> None:
    notebook = read()
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_cells_are_short() -> None:
    for cell in read().cells:
        assert len(cell.source.splitlines()) <= 30


def test_nothing_is_written_to_the_error_stream(run: dict[str, Any]) -> None:
    for cell in run["cells"]:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text


def test_both_networks_are_the_hand_derived_one(run: dict[str, Any]) -> None:
    network, losses = HandDerivedNetwork(seed=0), []
    for _ in range(1500):
        losses.append(network.loss())
        network.step()
    found = run["found"]
    for ours, theirs in zip(found["weights by hand"], network.weights):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    np.testing.assert_allclose(found["losses by hand"], losses, rtol=1e-9)
    np.testing.assert_allclose(found["losses recorded"], losses, rtol=1e-9)
    np.testing.assert_allclose(found["predictions"], network.feedforward()[-1], rtol=1e-9)


def test_every_exercise_waits_for_an_answer(run: dict[str, Any]) -> None:
    assert set(exercises(read())) == set(ANSWERS)
    cells = [cell for cell in run["cells"] if "exercise" in cell.metadata.get("tags", [])]
    assert [printed(cell) for cell in cells] == ["not answered yet\n"] * len(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_answer_is_taken_and_a_wrong_one_is_not(run: dict[str, Any], name: str) -> None:
    assert printed(run["answered"][name, True]) == "right!\n"
    assert printed(run["answered"][name, False]).startswith("not yet: ")
