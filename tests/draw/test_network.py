"""The architecture of a model: neurons and weights, or a row of blocks."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import Drawing, draw_network

WEIGHTS = [np.array([[1.0, -2.0], [0.5, 0.0], [-0.5, 0.25]]), np.array([[1.0], [-1.0]])]


def dense() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())


def labels(drawing: Drawing) -> list[str]:
    return re.findall(r'label="?([^" \]]*(?: [^"\]=]*)?)"? ', drawing.source)


def edges(drawing: Drawing) -> list[str]:
    return [line.strip() for line in drawing.source.splitlines() if "->" in line]


def test_the_articles_network_is_three_layers_with_a_line_for_every_weight() -> None:
    drawing = draw_network(dense())
    assert len(edges(drawing)) == 3 * 4 + 4 * 1
    for text in ("input layer", "hidden layer", "output layer", "x₁", "x₃", "ŷ"):
        assert text in drawing.source
    assert r"W₁ (4, 3)\nb₁ (4,)" in drawing.source
    assert r"4 neurons\nSigmoid" in drawing.source
    assert "1 neuron" in drawing.source


def test_weights_alone_are_a_network_too() -> None:
    tensors = [tg.Tensor(w, requires_grad=True) for w in WEIGHTS]
    assert draw_network(tensors).source == draw_network(WEIGHTS).source
    assert "W₁ (3, 2)" in draw_network(WEIGHTS).source


def test_large_layers_are_cut_short_with_their_last_neuron_and_number() -> None:
    drawing = draw_network(nn.Linear(784, 10), max_neurons=5)
    assert len(edges(drawing)) == 4 * 4
    for text in ("x₃", "x₇₈₄", "ŷ₁₀", "784 inputs", "10 neurons", "⋮"):
        assert text in drawing.source
    assert "x₄" not in drawing.source


def test_sign_and_size_of_weights_are_shown_on_request_and_without_colour_too() -> None:
    assert "penwidth=4" not in str(edges(draw_network(WEIGHTS)))
    lines = edges(draw_network(WEIGHTS, weights=True))
    found = {line.split(" [")[0]: line for line in lines}
    assert "penwidth=4.30" in found["n0_0 -> n1_1"]  # the largest
    assert "style=dashed" in found["n0_0 -> n1_1"]  # and negative
    assert "penwidth=2.30" in found["n0_0 -> n1_0"]
    assert "dashed" not in found["n0_0 -> n1_0"]
    assert "penwidth=0.30" in found["n0_1 -> n1_1"]


def test_other_models_are_blocks_with_the_shapes_between_them() -> None:
    model = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU()), nn.Flatten(), nn.Linear(16, 2)
    )
    state = tg.get_rng_state()
    drawing = draw_network(model, (5, 1, 4, 4))
    assert len(edges(drawing)) == 5
    shapes = re.findall(r'label="(\([0-9, ]*\))"', drawing.source)
    assert shapes == ["(5, 1, 4, 4)", "(5, 4, 2, 2)", "(5, 4, 2, 2)", "(5, 16)", "(5, 2)"]
    assert r"0.0: Conv2d\n40 parameters" in drawing.source
    assert model.training
    assert str(tg.get_rng_state()) == str(state)
    sample = np.zeros((5, 1, 4, 4))
    assert draw_network(model, sample).source == drawing.source


def test_a_sample_has_the_dtype_of_the_model() -> None:
    assert "ŷ" in draw_network(nn.Linear(3, 2).float(), (3,)).source


class Unordered(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(4, 1)
        self.first = nn.Linear(3, 4)


@pytest.mark.parametrize(
    ("model", "sample", "error", "message"),
    [
        (nn.Conv2d(1, 1, 3), None, ValueError, r"Conv2d, which is no layer.*give a sample"),
        (nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3)), None, ValueError, "1 is a LayerNorm"),
        (nn.Tanh(), None, ValueError, "no Linear layer"),
        (Unordered(), None, ValueError, "1 outputs and the next one 3 inputs"),
        ("model", None, TypeError, "not a str"),
        ([np.zeros(3)], None, TypeError, "two axes"),
        ([], None, TypeError, "a Module, or a list of weights"),
        (WEIGHTS, (3,), TypeError, "a sample is for a Module"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_advice(
    model: Any, sample: Any, error: Any, message: str
) -> None:
    with pytest.raises(error, match=message):
        draw_network(model, sample)


def test_options_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match='theme is "light" or "dark"'):
        draw_network(dense(), theme="blue")
    with pytest.raises(ValueError, match="max_neurons is a whole number, 3 or more"):
        draw_network(dense(), max_neurons=2)
    with pytest.raises(ValueError, match="101 innermost modules, more than 100"):
        draw_network(nn.Sequential(*[nn.Tanh() for _ in range(101)]), (2,))


def test_graphviz_puts_every_neuron_where_it_belongs(tmp_path) -> None:
    pytest.importorskip("pygraphviz", reason="a Graphviz is needed to see where it puts them")
    svg = draw_network(dense()).render(tmp_path / "net.svg").read_text(encoding="utf-8")
    places = re.findall(r'<ellipse[^>]* cx="([0-9.]+)" cy="(-[0-9.]+)"', svg)
    columns = [float(x) for x, _ in places]
    assert len(set(columns)) == 3
    assert [columns.count(x) for x in dict.fromkeys(columns)] == [3, 4, 1]
    rows = [float(y) for x, y in places if float(x) == columns[0]]
    assert rows == sorted(rows), "x₁ is on top"
