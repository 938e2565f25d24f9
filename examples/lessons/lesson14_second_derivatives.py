"""Lesson 14: second derivatives: how the slope changes, and what that is good for.

Look for: the derivative of a derivative comes from the same rules. Newton's method,
which knows the curvature, is at the bottom of a bent valley in a few steps; gradient
descent needs thousands.

Read next in the source: ``tinygrad_edu/transforms.py``.

Run it with ``python examples/lessons/lesson14_second_derivatives.py``; ``--out DIR``
keeps the picture, ``--quick`` lets gradient descent take fewer steps.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg


def valley(p):
    """Rosenbrock's valley: easy to find, hard to walk along; 0 at (1, 1)."""
    return (1 - p[0]) ** 2 + 20 * (p[1] - p[0] ** 2) ** 2


def newton(p, steps=12):
    """Jump to where the slope would be 0 if the valley were the bowl that it looks like here."""
    way = [p]
    for _ in range(steps):
        slope, curvature = tg.grad(valley)(p).numpy(), tg.hessian(valley)(p).numpy()
        p = p - np.linalg.solve(curvature, slope)
        way.append(p)
    return way


def descend(p, steps, rate=0.003):
    way = [p]
    for _ in range(steps):
        p = p - rate * tg.grad(valley)(p).numpy()
        way.append(p)
    return way


def draw(ways, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'")
        return
    axes = Figure(figsize=(6, 4), layout="constrained").add_subplot(title="ways into the valley")
    across = np.linspace(-1.5, 1.5, 120)
    heights = valley(np.array(np.meshgrid(across, across)))
    axes.contour(across, across, heights, levels=np.logspace(-1, 2, 12), colors="lightgray")
    for name, way in ways.items():
        axes.plot(*np.transpose(way), marker=".", label=name)
    axes.legend()
    axes.figure.savefig(path)
    print("the picture:", path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Second derivatives.")
    parser.add_argument("--quick", action="store_true", help="fewer steps of descent")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    # tanh' = 1 - tanh², so tanh'' = -2 tanh (1 - tanh²): the library finds it by itself.
    slope = tg.elementwise_grad(np.tanh)
    bend = tg.elementwise_grad(slope)
    print("   x     tanh    tanh'   tanh''  by hand")
    for x in (-2.0, -1.0, 0.5, 1.0, 2.0):
        t = np.tanh(x)
        by_hand = -2 * t * (1 - t**2)
        print(f"{x:4.1f}  {t:7.4f}  {slope(x).item():7.4f}  {bend(x).item():7.4f}  {by_hand:7.4f}")

    start = np.array([-1.0, 0.5])
    steps = 200 if options.quick else 2000
    ways = {"Newton": newton(start), "gradient descent": descend(start, steps)}
    for name, way in ways.items():
        place, height = way[-1].round(4), valley(way[-1])
        print(f"{name}: after {len(way) - 1} steps at {place}, height {height:.1e}")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    draw(ways, folder / "lesson14.png")


if __name__ == "__main__":
    main()
