"""All of the article's figures, from one real training run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tinygrad_edu.article.by_hand import HandDerivedNetwork
from tinygrad_edu.article.chain_rule import chain_rule
from tinygrad_edu.article.compare import DivergenceError
from tinygrad_edu.article.descent import descend, draw_descent
from tinygrad_edu.article.figures import loss_curve, predictions_table
from tinygrad_edu.article.on_tensors import RawNetwork, composed
from tinygrad_edu.draw import Drawing, RenderError, draw_network, graph

Figure = Callable[[Path], object]


def draw_gallery(
    folder: Path, iterations: int = 1500, seed: int = 0
) -> tuple[list[Path], list[str]]:
    """Train the article's network, and draw all of its figures into a folder.

    Parameters
    ----------
    folder : where; it must be there.
    iterations : how long the network is trained.
    seed : of the first weights.

    Returns
    -------
    The files, and a line on each figure that could not be drawn as a picture.

    Raises
    ------
    DivergenceError
        If the loss becomes infinite or NaN.
    OSError
        If a file cannot be written.
    """
    files, notes = [], []
    for name, draw_figure in figures(iterations, seed):
        path = folder / name
        try:
            draw_figure(path)
        except ImportError:
            notes.append(f"no {name}: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
            continue
        except RenderError as error:
            path = path.with_suffix(".dot")
            draw_figure(path)
            notes.append(f"{path.name} was written as DOT text only: {error}")
        files.append(path)
    return files, notes


def figures(iterations: int, seed: int) -> Iterator[tuple[str, Figure]]:
    """Yield each figure's file name, and what draws it."""
    untrained, trained = HandDerivedNetwork(seed=seed), HandDerivedNetwork(seed=seed)
    losses = train(trained, iterations)
    loss = RawNetwork(untrained).loss()
    loss.backward()
    run = graph(loss)
    output = trained.feedforward()[-1]
    yield "1-architecture.svg", draw_network(composed(untrained)).render
    yield "2-forward-and-backward.svg", lambda path: run.render(path, show_backward=True)
    yield "3-gradient-descent.png", lambda path: draw_descent(descend(trained), path)
    yield "4-chain-rule.svg", Drawing(chain_rule(run)).render
    yield "5-loss.png", lambda path: loss_curve(losses, path)
    yield (
        "6-predictions.png",
        lambda path: predictions_table(trained.x, output, trained.y, path),
    )


def train(network: HandDerivedNetwork, iterations: int) -> list[float]:
    """Train the weights of a network on the recorded graph; return the loss of every iteration."""
    on_tensors = RawNetwork(network)
    losses = []
    for iteration in range(iterations + 1):
        loss = on_tensors.loss()
        losses.append(loss.item())
        if not np.isfinite(losses[-1]):
            raise DivergenceError(f"the loss is {losses[-1]} after {iteration} iterations")
        if iteration < iterations:
            loss.backward()
            for weights in on_tensors.weights:
                if weights.grad is not None:
                    weights.data -= network.learning_rate * weights.grad
                weights.grad = None
    network.weights = [weights.data.copy() for weights in on_tensors.weights]
    return losses
