"""The article's figures: all there, of real runs, and honest about what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
from tinygrad_edu.article.chain_rule import chain_rule, chains
from tinygrad_edu.article.compare import DivergenceError
from tinygrad_edu.article.descent import descend
from tinygrad_edu.article.gallery import draw_gallery, train
from tinygrad_edu.article.job import Options
from tinygrad_edu.article.recorded import moments, train_recorded
from tinygrad_edu.commands.explore import main as explore
from tinygrad_edu.commands.figures import main as figures
from tinygrad_edu.draw.read import graph
from tinygrad_edu.draw.render import RenderError

ALL = [
    "1-architecture.svg", "2-forward-and-backward.svg", "3-gradient-descent.png",
    "4-chain-rule.svg", "5-loss.png", "6-predictions.png",
]  # fmt: skip


def test_every_figure_of_the_article_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    out = tmp_path / "figures"
    assert figures(["--iterations", "200", "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ALL
    assert capsys.readouterr().out.splitlines() == [f"wrote {out / name}" for name in ALL]
    for path in out.iterdir():
        head = path.read_bytes()
        if path.suffix == ".png":
            assert head.startswith(b"\x89PNG")
        else:
            assert ElementTree.fromstring(head).tag.endswith("svg")  # noqa: S314  # our own


def test_a_figure_that_cannot_be_drawn_is_named_and_the_others_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ImportError("matplotlib")

    def refuse(*_: Any, **__: Any) -> bytes:
        raise RenderError("no Graphviz was found")

    for name in ("draw_descent", "loss_curve", "predictions_table"):
        monkeypatch.setattr(f"tinygrad_edu.article.gallery.{name}", fail)
    monkeypatch.setattr("tinygrad_edu.draw.drawing.render", refuse)
    files, notes = draw_gallery(tmp_path, iterations=3)
    assert [path.name for path in files] == [
        "1-architecture.dot", "2-forward-and-backward.dot", "4-chain-rule.dot",
    ]  # fmt: skip
    assert len(notes) == 6
    assert sum("needs Matplotlib" in note for note in notes) == 3
    assert sum("no Graphviz was found" in note for note in notes) == 3


def test_the_path_of_gradient_descent_lies_on_the_surface_and_leads_down() -> None:
    trained = HandDerivedNetwork(seed=0)
    train(trained, 800)
    weights = [each.copy() for each in trained.weights]
    found = descend(trained, iterations=60, points=9)
    assert all(np.array_equal(a, b) for a, b in zip(weights, trained.weights))
    assert np.all(np.diff(found.path[:, 2]) < 0)
    for a, b, loss in found.path[::20]:
        network = RawNetwork(trained)
        network.weights[1].data[:2, 0] = a, b
        assert network.loss().item() == loss
    row, column = 4, 7
    network = RawNetwork(trained)
    network.weights[1].data[:2, 0] = found.first[column], found.second[row]
    assert network.loss().item() == found.surface[row, column]


def test_the_chain_rule_names_every_factor_on_the_way_to_each_weight() -> None:
    run = graph(RawNetwork(HandDerivedNetwork()).loss())
    start = "∂loss/∂t4 · ∂t4/∂t3 · ∂t3/∂output · ∂output/∂t2"
    assert chains(run) == [
        ("∂loss/∂weights1", f"{start} · ∂t2/∂layer1 · ∂layer1/∂t1 · ∂t1/∂weights1"),
        ("∂loss/∂weights2", f"{start} · ∂t2/∂weights2"),
    ]
    source = chain_rule(run).source
    assert r"∂output/∂t2\ndy * (y * (1 - y))" in source
    assert "∂t3/∂y" not in source  # to where no gradient goes


def test_the_factors_of_the_chain_rule_add_up_where_ways_meet() -> None:
    w = tg.Tensor(3.0, requires_grad=True, name="w")
    square = w * w
    square.name = "s"
    assert chains(graph(square)) == [("∂s/∂w", "∂s/∂w + ∂s/∂w")]


def test_training_for_the_figures_is_training_by_hand() -> None:
    ours, theirs = HandDerivedNetwork(seed=3), HandDerivedNetwork(seed=3)
    losses = train(ours, 40)
    for _ in range(40):
        theirs.step()
    assert losses[-1] == theirs.loss()
    assert all(np.array_equal(a, b) for a, b in zip(ours.weights, theirs.weights))


def test_the_recorded_training_is_that_of_the_main_job() -> None:
    options = Options(iterations=30, hidden=(3, 2), activation=("tanh", "sigmoid"), bias=True)
    record, by_hand = train_recorded(options), options.network()
    for loss in record.losses:
        assert loss == pytest.approx(by_hand.loss(), rel=1e-12)
        by_hand.step()
    assert list(record.graphs) == moments(30) == [0, 1, 2, 5, 10, 20, 30]


@pytest.mark.parametrize(("last", "found"), [(1, [0, 1]), (2, [0, 1, 2]), (7, [0, 1, 2, 5, 7])])
def test_the_last_iteration_is_always_recorded(last: int, found: list[int]) -> None:
    assert moments(last) == found


def test_a_loss_that_grows_without_bounds_ends_the_training() -> None:
    network = HandDerivedNetwork()
    network.weights[0][:] = np.nan
    with pytest.raises(DivergenceError, match="after 0 iterations"):
        train(network, 3)


def test_the_page_of_the_article_is_at_most_300_kilobytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "explorer.html"
    assert explore(["--out", str(path)]) == 0
    assert path.stat().st_size <= 300_000
    assert f"wrote {path}" in capsys.readouterr().out


@pytest.mark.parametrize("command", [explore, figures])
@pytest.mark.parametrize("arguments", [["--iterations", "0"], ["--seed", "-1"], ["--unknown"]])
def test_options_that_make_no_sense_are_refused_in_one_line(
    command: Any, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        command(arguments)
    assert left.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_place_that_cannot_be_written_to_is_named_and_nothing_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SystemExit) as left:
        explore(["--iterations", "2", "--out", str(tmp_path / "file" / "x.html")])
    assert left.value.code == 2
    assert "cannot write to" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
