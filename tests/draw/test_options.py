"""How a picture is drawn: what each option changes, and that it changes nothing else."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import draw, graph
from tinygrad_edu.draw.theme import LINES, THEMES


@pytest.fixture
def after_backward(article) -> dict[str, tg.Tensor]:
    article["loss"].backward()
    return article


def test_without_values_boxes_are_names_and_shapes_stand_at_the_arrows(
    read_dot, after_backward
) -> None:
    dot = read_dot(draw(after_backward["loss"], names=after_backward, show="shape"))
    assert dot.box("layer1") == [["layer1", "= sigmoid(t1)"]]
    labels = {dot.name(s): a.get("label") for (s, _), a in zip(dot.edges, dot.arrows)}
    assert labels == {
        "x": "(4, 3)", "weights1": "(3, 4)", "t1": "(4, 4)", "layer1": "(4, 4)",
        "weights2": "(4, 1)", "t2": "(4, 1)", "output": "(4, 1)", "y": "(4, 1)", "t3": "(4, 1)",
        "2": None, "t4": "(4, 1)",
    }  # fmt: skip
    assert dot.caption == []


def test_each_of_shape_value_and_gradient_can_be_left_out(read_dot, after_backward) -> None:
    loss = after_backward["loss"]
    assert read_dot(draw(loss, show=["value"])).box("y")[1][0] == "value"
    grad = read_dot(draw(loss, show=("grad",)))
    assert grad.box("result")[1:] == [["gradient", "1"]]
    assert len(grad.box("y")) == 1
    assert not any("label" in arrow for arrow in grad.arrows)


def test_arrows_are_as_thick_as_the_gradient_along_them_is_long(read_dot, after_backward) -> None:
    run = graph(after_backward["loss"])
    dot = read_dot(draw(after_backward["loss"]))
    sizes, widths = [], []
    for edge, arrow in zip(run.edges, dot.arrows):
        assert ("penwidth" in arrow) == (edge.contribution is not None)
        if edge.contribution is not None:
            sizes.append(np.linalg.norm(edge.contribution))
            widths.append(float(arrow["penwidth"]))
    assert np.array_equal(np.argsort(sizes, kind="stable"), np.argsort(widths, kind="stable"))
    assert (min(widths), max(widths)) == (1.0, 4.0)


def test_before_backward_no_arrow_claims_a_gradient(read_dot, article) -> None:
    assert not any("penwidth" in arrow for arrow in read_dot(draw(article["loss"])).arrows)


def test_a_gradient_that_is_zero_or_infinite_is_no_width(read_dot) -> None:
    w = tg.Tensor([0.0], requires_grad=True)
    with np.errstate(all="ignore"):
        loss = (np.sqrt(w) + w * 0).sum()
        loss.backward()
    widths = [arrow.get("penwidth") for arrow in read_dot(draw(loss)).arrows]
    assert all(width is None or 1 <= float(width) <= 4 for width in widths)


def test_precision_is_the_number_of_decimals(read_dot) -> None:
    w = tg.Tensor([1 / 3, 2 / 3], requires_grad=True, name="w")
    for precision, text in ((1, "0.3 0.7"), (3, "0.333 0.667"), (6, "0.333333 0.666667")):
        assert read_dot(draw(w * 1, precision=precision)).box("w")[1][1] == text


def test_themes_differ_in_colours_only(article) -> None:
    light, dark = (draw(article["loss"], theme=theme).source for theme in ("light", "dark"))
    colour = re.compile(r"\"?(#[0-9a-f]{6}|white)\"?")
    assert light != dark
    assert colour.sub("", light) == colour.sub("", dark)


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 has it."""
    colour = "#ffffff" if colour == "white" else colour
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_box_and_on_the_paper(theme: str) -> None:
    look = THEMES[theme]
    pairs = [(look.ink, fill) for fill in look.fill.values()] + [(look.faint, look.paper)]
    for ink, paper in pairs:
        bright, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) > 7


def test_every_kind_of_box_has_lines_of_its_own() -> None:
    assert len({tuple(sorted(lines.items())) for lines in LINES.values()}) == len(LINES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "RL"}, '"LR" or "TB"'),
        ({"theme": "blue"}, '"light" or "dark"'),
        ({"show": ("values",)}, "not 'values'"),
        ({"depth": -1}, "depth is a whole number, 0 or more, not -1"),
        ({"precision": 0}, "precision is a whole number, 1 or more"),
        ({"max_nodes": 2.5}, "max_nodes is a whole number"),
    ],
)
def test_an_option_that_is_none_is_refused_by_name(options: Any, message: str) -> None:
    y = tg.Tensor([1.0], requires_grad=True) * 2
    with pytest.raises(ValueError, match=message):
        draw(y, **options)
    with pytest.raises(ValueError, match=message):
        graph(y).digraph(**options)
    with pytest.raises(TypeError, match="no option colour of pictures; there are direction"):
        draw(y, colour="red")


def test_long_formulas_are_broken_between_arguments(read_dot) -> None:
    w = tg.Tensor(np.ones((1, 1, 4, 4)), requires_grad=True, name="w")
    y = nn.functional.max_pool2d(w, 2)
    box = read_dot(draw(y)).box("result")[0]
    assert len(box) > 2
    assert max(map(len, box)) <= 40
    assert " ".join(box[1:]) == f"= {graph(y).nodes[-1].formula}"


# ------------------------------------------------------------------------- show_backward
def formulas(source: str) -> dict[str, str]:
    """Read the formulas of the gradients' boxes."""
    found = {}
    for line in source.splitlines():
        if line.strip().startswith("g") and '"d_' in line:
            label = line.split('"')[1]
            name, *rest = label.split("|")[0].strip("{").split(r"\n")
            found[name] = " ".join(rest)
    return found


@pytest.mark.parametrize("backward", [False, True])
def test_the_backward_pass_is_written_with_the_names_of_the_run(article, backward: bool) -> None:
    if backward:
        article["loss"].backward()
    source = draw(article["loss"], names=article, show_backward=True).source
    assert formulas(source) == {
        "d_loss": "= 1",
        "d_t4": "= spread(d_loss, t4, axis)",
        "d_t3": "= d_t4 * (2 * t3)",
        "d_output": "= -d_t3",
        "d_t2": "= d_output * (output * (1 - output))",
        "d_layer1": "= d_t2 @ weights2.T",
        "d_weights2": "= layer1.T @ d_t2",
        "d_t1": "= d_layer1 * (layer1 * (1 - layer1))",
        "d_weights1": "= x.T @ d_t1",
    }
    assert source.count("style=dashed") == 8
    assert ("backward() has not been called" in source) != backward


def test_where_contributions_meet_their_sum_is_written() -> None:
    a = tg.Tensor([3.0], requires_grad=True, name="a")
    found = formulas(draw(a * a + a, show_backward=True).source)
    assert found["d_a"] == "= d_t1 * a + d_t1 * a + d_result"


def test_gradients_of_folded_modules_are_left_out() -> None:
    y = nn.Sequential(nn.Linear(2, 2), nn.Tanh())(tg.Tensor([1.0, 2.0])) * 2
    source = draw(y, show_backward=True, depth=0).source
    assert list(formulas(source)) == ["d_result"]
