"""Gradient descent as a picture: the loss over two weights, and the path that training takes on it.

A network has more weights than a picture has axes. So it is trained first; then two of its weights
are put back and trained alone, while all others stay. Their path then lies on the surface, exactly.
"""

from __future__ import annotations

from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.article.by_hand import HandDerivedNetwork
from tinygrad_edu.article.compare import gradient_of
from tinygrad_edu.article.on_tensors import RawNetwork
from tinygrad_edu.op import Array
from tinygrad_edu.recording import no_grad

AWAY = (-9.0, 9.0)
"""How far from where training has brought them the two weights are put: to see their way back."""


class Descent(NamedTuple):
    """The path of two weights, and the surface that it lies on.

    Attributes
    ----------
    path : one row for every iteration: both weights, and the loss there.
    first, second : the weights for which the surface was computed.
    surface : the loss; a row for each of ``second``, a column for each of ``first``.
    """

    path: Array
    first: Array
    second: Array
    surface: Array


def descend(
    trained: HandDerivedNetwork, iterations: int = 300, points: int = 61, learning_rate: float = 1.0
) -> Descent:
    """Train the first two weights of the output layer, and compute the loss around their path.

    Parameters
    ----------
    trained : a network that has learned already; it is not changed.
    iterations : how many steps the path has.
    points : how fine the surface is, in each direction.

    Examples
    --------
    >>> from tinygrad_edu.article import HandDerivedNetwork
    >>> from tinygrad_edu.article.descent import descend
    >>> found = descend(HandDerivedNetwork(), iterations=20, points=5)
    >>> found.path.shape, found.surface.shape, bool(found.path[-1, 2] < found.path[0, 2])
    ((21, 3), (5, 5), True)
    """
    network = RawNetwork(trained)
    weights = network.weights[-1]
    weights.data[:2, 0] += AWAY
    path = []
    for _ in range(iterations + 1):
        loss = network.loss()
        path.append((*weights.data[:2, 0], loss.item()))
        loss.backward()
        weights.data[:2, 0] -= learning_rate * gradient_of(weights)[:2, 0]
        weights.grad = None
    found = np.array(path)
    first, second = (_around(found[:, axis], points) for axis in (0, 1))
    surface = np.array([[_loss_at(network, a, b) for a in first] for b in second])
    return Descent(found, first, second, surface)


def _around(places: Array, points: int) -> Array:
    """Return evenly spaced points that cover some places with a margin."""
    low, high = float(places.min()), float(places.max())
    margin = 0.25 * (high - low) + 1.0
    return np.linspace(low - margin, high + margin, points)


def _loss_at(network: RawNetwork, first: float, second: float) -> float:
    network.weights[-1].data[:2, 0] = first, second
    with no_grad():
        return float(network.loss().item())


def draw_descent(descent: Descent, path: str | PathLike[str]) -> None:
    """Draw the surface with the path on it, and beside it the same seen from above.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # imported late: it takes longer than the descent

    figure = Figure(figsize=(11, 4.8), dpi=150, layout="constrained")
    figure.suptitle("Gradient descent: the loss over two weights, and the path of training on it")
    _draw_surface(figure.add_subplot(1, 2, 1, projection="3d"), descent)
    _draw_map(figure, figure.add_subplot(1, 2, 2), descent)
    figure.savefig(path)


def _draw_surface(axes: Any, descent: Descent) -> None:
    a, b, loss = descent.path.T
    grid = np.meshgrid(descent.first, descent.second)
    axes.plot_surface(*grid, descent.surface, cmap="Blues_r", alpha=0.75, linewidth=0)
    axes.computed_zorder = False  # the path lies on the surface, and must not be hidden by it
    lift = 0.01 * np.ptp(descent.surface)
    axes.plot(a, b, loss + lift, color="#c0392b", linewidth=2.5, zorder=5)
    axes.scatter(a[:1], b[:1], loss[:1] + lift, color="#c0392b", s=40, zorder=6)
    axes.scatter(a[-1:], b[-1:], loss[-1:] + lift, color="black", marker="*", s=110, zorder=6)
    axes.set_box_aspect(None, zoom=0.85)  # else the axis' name is cut off
    axes.set_xlabel("weights2[0]")
    axes.set_ylabel("weights2[1]")
    axes.set_zlabel("loss")
    axes.view_init(elev=35, azim=35)


def _draw_map(figure: Any, axes: Any, descent: Descent) -> None:
    a, b, _ = descent.path.T
    filled = axes.contourf(
        descent.first, descent.second, descent.surface, levels=24, cmap="Blues_r"
    )
    figure.colorbar(filled, ax=axes, label="loss: sum of squared errors")
    axes.plot(a, b, color="#c0392b", linewidth=2, marker=".", markersize=4, markevery=5)
    axes.plot(a[:1], b[:1], "o", color="#c0392b", label="start")
    axes.plot(a[-1:], b[-1:], "k*", markersize=12, label=f"after {len(a) - 1} iterations")
    axes.set_xlabel("weights2[0]")
    axes.set_ylabel("weights2[1]")
    axes.legend(loc="upper right", framealpha=0.9)
