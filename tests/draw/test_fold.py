"""Modules as boxes: folded beyond a depth, repeated ones as one, without losing an arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.draw import Graph, draw, graph
from tinygrad_edu.draw.fold import deepest, plan


def mlp(layers: int = 4) -> tg.Tensor:
    """Run a network of equal layers, and one that is not."""
    hidden = [part for _ in range(layers) for part in (nn.Linear(3, 3), nn.Tanh())]
    model = nn.Sequential(*hidden, nn.Linear(3, 1))
    return model(tg.Tensor(np.ones((2, 3)), name="x")).sum()


class Residual(nn.Module):
    """Blocks between which something else happens."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(2, 2) for _ in range(blocks)])

    def forward(self, x: Any) -> Any:
        for block in self.blocks:
            x = x + block(x)
        return x


def transformer() -> tg.Tensor:
    """Run layers that are open while what is in them is not."""
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
    return nn.TransformerEncoder(layer, 4)(tg.Tensor(np.ones((1, 3, 4)), name="x")).sum()


def folded(run: Graph, depth: int) -> list[tuple[str, int]]:
    return [(box.calls[0].path, len(box.calls)) for box in plan(run, depth).folded]


def test_depth_0_folds_the_whole_model() -> None:
    chosen = plan(graph(mlp()), 0)
    assert [(box.calls[0].type, len(box.calls)) for box in chosen.folded] == [("Sequential", 1)]
    assert [node.name for node in chosen.nodes] == ["x", "result"]
    x, result = (f"n{node.id}" for node in chosen.nodes)
    assert [(a.source, a.target) for a in chosen.arrows] == [(x, "c0"), ("c0", result)]


def test_without_a_depth_nothing_is_folded() -> None:
    run = graph(mlp())
    chosen = plan(run, None)
    assert (len(chosen.nodes), chosen.folded) == (len(run.nodes), [])
    assert len(chosen.arrows) == len(run.edges)
    assert deepest(run) == 2
    assert plan(run, 2) == chosen


def test_blocks_that_repeat_are_one_row_of_boxes() -> None:
    run = graph(mlp())
    assert folded(run, 1) == [("0", 4), ("1", 4), ("8", 1)]
    chosen = plan(run, 1)
    assert [([call.path for call in calls], n) for calls, n in chosen.repeated] == [(["0", "1"], 4)]
    names = [(arrow.source, arrow.target) for arrow in chosen.arrows]
    boxes = [box.name for box in chosen.folded]
    x, result = (f"n{node.id}" for node in chosen.nodes)
    assert names == [
        (x, boxes[0]), (boxes[0], boxes[1]), (boxes[1], boxes[2]), (boxes[2], result),
    ]  # fmt: skip


def test_blocks_that_are_alike_but_not_of_one_shape_are_not_folded_together() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 3), nn.Linear(3, 2))
    assert folded(graph(model(tg.Tensor(np.ones(3)))), 1) == [("0", 1), ("1", 1), ("2", 1)]


def test_what_leaves_a_repeated_block_and_comes_back_keeps_it_apart() -> None:
    run = graph(Residual(3)(tg.Tensor([1.0, 2.0])))
    assert [count for _, count in folded(run, 1)] == [1, 1, 1]


def test_open_blocks_that_repeat_are_drawn_once_in_a_frame_that_says_so(read_dot) -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
    y = nn.TransformerEncoder(layer, 5)(tg.Tensor(np.ones((1, 3, 4)), name="x")).sum()
    dot = read_dot(draw(y, depth=2))
    assert dot.frames == [
        (1, "TransformerEncoder"), (2, "layers.0: TransformerEncoderLayer, repeated ×5"),
    ]  # fmt: skip
    single = nn.TransformerEncoder(layer, 1)(tg.Tensor(np.ones((1, 3, 4)), name="x")).sum()
    one = read_dot(draw(single, depth=2))
    assert len(dot.nodes) == len(one.nodes)
    assert dot.edges == [
        (a.replace(one.find("result"), dot.find("result")),
         b.replace(one.find("result"), dot.find("result")))
        for a, b in one.edges
    ]  # fmt: skip


class Unrolled(nn.Module):
    """A loop over time, the first step of which starts from zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.RNNCell(2, 3)
        self.out = nn.Linear(3, 1)

    def forward(self, xs: Any) -> Any:
        state, total = np.zeros((1, 3)), 0
        for x in xs:
            state = self.cell(x, state)
            total = self.out(state) + total
        return total


def test_an_unrolled_loop_is_one_row_with_the_parameters_that_its_steps_share(read_dot) -> None:
    y = Unrolled()([tg.Tensor(np.ones((1, 2)), name=f"x{i}") for i in range(4)])
    run = graph(y)
    assert folded(run, 1) == [("cell", 4), ("out", 4)]
    assert not any(node.role == "parameter" for node in plan(run, 1).nodes)
    cell = nn.RNNCell(2, 2)
    state = tg.Tensor(np.ones((1, 2)), name="state")
    for _ in range(4):
        state = cell(state, state)
    dot = read_dot(draw(state, depth=0))
    assert dot.nodes["c0"] == [["RNNCell ×4", "output (1, 2)", "12 parameters"]]
    assert len(dot.nodes) == 2


def test_a_cell_that_is_called_again_and_again_is_one_box() -> None:
    cell = nn.Linear(2, 2)
    x = tg.Tensor([1.0, 2.0])
    for _ in range(5):
        x = cell(x)
    assert folded(graph(x), 0) == [("", 5)]


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
@pytest.mark.parametrize("run", [mlp, lambda: Residual(3)(tg.Tensor([1.0, 2.0])), transformer])
def test_arrows_never_lead_in_circles_and_every_box_is_on_the_way(run: Any, depth: int) -> None:
    chosen = plan(graph(run()), depth)
    boxes = {f"n{node.id}" for node in chosen.nodes} | {box.name for box in chosen.folded}
    waiting = {box: {a.source for a in chosen.arrows if a.target == box} for box in boxes}
    while waiting:
        free = {box for box, sources in waiting.items() if not sources & set(waiting)}
        assert free, "a circle"
        for box in free:
            del waiting[box]
    ends = boxes - {arrow.source for arrow in chosen.arrows}
    assert len(ends) == 1
    assert set(chosen.members) == boxes
    everything = sorted(number for numbers in chosen.members.values() for number in numbers)
    assert everything == list(range(len(everything)))


def test_a_folded_box_says_class_count_shape_and_parameters(read_dot) -> None:
    loss = mlp()
    loss.backward()
    dot = read_dot(draw(loss, depth=1))
    first = dot.nodes["c1"][0]
    assert first[:3] == ["0: Linear", "output (2, 3)", "12 parameters"]
    assert first[3].startswith("size of gradient ")
    assert (2, "0 … 1: repeated ×4") in dot.frames
    whole = read_dot(draw(loss, depth=0)).nodes["c0"][0]
    assert whole[:3] == ["Sequential", "output (2, 1)", "52 parameters"]


def test_equal_layers_in_a_row_are_one_box_with_their_number(read_dot) -> None:
    x = nn.Sequential(*[nn.Linear(2, 2) for _ in range(3)])(tg.Tensor([1.0, 2.0]))
    dot = read_dot(draw(x, depth=1))
    assert dot.nodes["c1"][0][0] == "0 … 2: Linear ×3"
    assert dot.nodes["c1"][0][2] == "6 parameters each"


def test_modules_are_folded_as_little_as_is_needed_to_fit(read_dot) -> None:
    loss = mlp(6)
    assert "c1" not in read_dot(draw(loss)).nodes
    dot = read_dot(draw(loss, max_nodes=20))
    assert "c1" in dot.nodes
    assert dot.caption[-1] == "modules are folded beyond depth 1, for there are 29 values"
    assert "c0" in read_dot(draw(loss, max_nodes=3)).nodes
    with pytest.raises(ValueError, match="3 boxes even with modules folded"):
        draw(loss, max_nodes=2)
    with pytest.raises(ValueError, match=r"boxes, more than max_nodes=3"):
        draw(loss, max_nodes=3, depth=9)
