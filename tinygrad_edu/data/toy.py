"""Toy sets: points in the plane that no straight line, or hardly one, can tell apart.

Each returns the points and their labels as Tensors: ``(n, 2)`` of the default dtype, and ``(n,)``
whole numbers. The classes take turns, so that every piece of a set has its share of each.
"""

from __future__ import annotations

import numpy as np

from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.op import Array
from tinygrad_edu.random import default_generator
from tinygrad_edu.tensor import Tensor

Toy = tuple[Tensor, Tensor]
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def xor(n: int = 4, noise: float = 0.0, generator: np.random.Generator | None = None) -> Toy:
    """Corners of the unit square, labelled by whether their coordinates differ.

    Shapes: the points (n, 2), the classes (n,) whole numbers. Formula: ``y = x[0] != x[1]``, before
    the noise.

    Source: the example that one layer cannot learn, of Minsky and Papert, Perceptrons (1969).

    Parameters
    ----------
    n : the number of points; the first four are the four corners, and so on.
    noise : the standard deviation of what is added to each coordinate.
    generator : where the noise comes from, if not from the package's own generator.

    Raises
    ------
    ValueError
        If there is less than one point, or the noise is negative.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> x, y = data.xor()
    >>> x.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corner = _turns(n, 4)
    return _toy(CORNERS[corner], (corner == 1) | (corner == 2), noise, generator)


def moons(n: int = 200, noise: float = 0.1, generator: np.random.Generator | None = None) -> Toy:
    """Two half circles, each reaching into the other; parameters as for `xor`.

    Formula: ``(cos t, sin t)`` and ``(1 - cos t, 1/2 - sin t)`` for t from 0 to π. Shapes: the
    points (n, 2), the classes (n,) whole numbers. Source: `sklearn.datasets.make_moons`.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> x, y = data.moons(100)
    >>> x.shape, y.shape
    ((100, 2), (100,))
    """
    label = _turns(n, 2)
    angle = np.pi * _places(n, 2)
    side = 1 - 2 * label
    points = np.stack([label + side * np.cos(angle), 0.5 * label + side * np.sin(angle)], axis=1)
    return _toy(points, label, noise, generator)


def circles(n: int = 200, noise: float = 0.05, generator: np.random.Generator | None = None) -> Toy:
    """A circle (1) of half the radius within another (0); parameters as for `xor`.

    Formula: radius 1 or ``1 / 2``, angles even. Shapes: the points (n, 2), the classes (n,) whole
    numbers. Source: `sklearn.datasets.make_circles`.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> x, y = data.circles(4, noise=0.0)
    >>> (x * x).sum(axis=1).tolist()
    [1.0, 0.25, 1.0, 0.25]
    """
    label = _turns(n, 2)
    places = (n + 1) // 2
    angle = 2 * np.pi * (np.arange(n) // 2) / places
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 - 0.5 * label)[:, None]
    return _toy(points, label, noise, generator)


def spirals(
    n: int = 300,
    noise: float = 0.05,
    generator: np.random.Generator | None = None,
    classes: int = 2,
) -> Toy:
    """Arms that wind around the origin one and a half times, and around each other.

    Formula: ``r * (cos a, sin a)``, r from 0.1 to 1, a = 3 π r and its arm's turn. Shapes: the
    points (n, 2), the classes (n,) whole numbers. Source: Lang and Witbrock, Learning to tell two
    spirals apart (1988).

    Parameters
    ----------
    classes : the number of arms; the others are those of `xor`.

    Raises
    ------
    ValueError
        If there is less than one point or arm, or the noise is negative.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> x, y = data.spirals(6, classes=3)
    >>> y.tolist()
    [0, 1, 2, 0, 1, 2]
    """
    label = _turns(n, classes)
    radius = 0.1 + 0.9 * _places(n, classes)
    angle = 3 * np.pi * radius + 2 * np.pi * label / classes
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return _toy(points, label, noise, generator)


def blobs(
    n: int = 300,
    noise: float = 0.5,
    generator: np.random.Generator | None = None,
    classes: int = 3,
) -> Toy:
    """Clouds around centres that stand evenly on a circle of radius 2.

    Formula: ``2 * (cos a, sin a)`` at even angles a, and normal noise. Shapes: the points (n, 2),
    the classes (n,) whole numbers. Source: `sklearn.datasets.make_blobs`.

    Parameters
    ----------
    classes : the number of clouds; the others are those of `xor`.

    Raises
    ------
    ValueError
        If there is less than one point or cloud, or the noise is negative.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> x, y = data.blobs(4, noise=0.0, classes=2)
    >>> x.round(9)[:, 0].tolist()
    [2.0, -2.0, 2.0, -2.0]
    """
    label = _turns(n, classes)
    angle = 2 * np.pi * label / classes
    points = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _toy(points, label, noise, generator)


def _turns(n: int, classes: int) -> Array:
    """Let the classes take turns: 0 1 2 0 1 2 ..."""
    if n < 1 or classes < 1:
        raise ValueError(f"a toy set has a point and a class at least, not {n} and {classes}")
    turns: Array = np.arange(n) % classes
    return turns


def _places(n: int, classes: int) -> Array:
    """Spread the points of every class evenly from 0 to 1."""
    last = max((n - 1) // classes, 1)
    places: Array = np.arange(n) // classes / last
    return places


def _toy(points: Array, label: Array, noise: float, generator: np.random.Generator | None) -> Toy:
    if not noise >= 0:
        raise ValueError(f"the noise is a standard deviation, from 0 on, not {noise}")
    if noise:
        points = points + default_generator(generator).normal(0.0, noise, points.shape)
    return Tensor(points, dtype=get_default_dtype()), Tensor(label, dtype=np.int64)
