"""Newton's method knows how a valley is curved, and is at its lowest point in a few steps.

Rosenbrock's function has a long, bent, flat valley. Gradient descent knows only the slope: it
crawls along. Newton's method solves ``H step = -gradient`` with the Hessian ``H``, which comes from
differentiating twice: near the end every step doubles the number of correct digits. In many
dimensions the Hessian is too large to be written down, but its product with a vector costs no more
than a few gradients, and conjugate gradients need no more than that to solve the same equation.

Run it with ``python examples/newton.py``; ``--quick`` takes fewer steps of gradient descent, and
``--out DIR`` says where the picture goes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

import tinygrad_edu as tg


def rosenbrock(x: Any) -> Any:
    """Sum ``100 (x[i+1] - x[i]**2)**2 + (1 - x[i])**2``: the lowest point is all ones."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


gradient = tg.grad(rosenbrock)
hessian = tg.hessian(rosenbrock)


def steepest(x: np.ndarray) -> np.ndarray:
    """Go straight down, as far as the steepest places allow."""
    return -0.002 * gradient(x).numpy()


def newton(x: np.ndarray) -> np.ndarray:
    """Go to where the gradient would be zero, were the function a parabola."""
    return -np.linalg.solve(hessian(x).numpy(), gradient(x).numpy())


def newton_cg(x: np.ndarray) -> np.ndarray:
    """Do the same without the Hessian: conjugate gradients need its products with vectors only."""
    step = np.zeros_like(x)
    residual = direction = -gradient(x).numpy()
    enough = 1e-10 * np.linalg.norm(residual)
    while np.linalg.norm(residual) > enough:
        product = tg.hvp(rosenbrock, x, direction).numpy()
        curvature = direction @ product
        if curvature <= 0:  # no valley in this direction: go down what has been found so far
            return step if step.any() else direction
        length = residual @ residual / curvature
        step = step + length * direction
        smaller = residual - length * product
        direction = smaller + (smaller @ smaller) / (residual @ residual) * direction
        residual = smaller
    return step


def descend(
    find_step: Callable[[np.ndarray], np.ndarray], x: np.ndarray, steps: int
) -> list[np.ndarray]:
    """Take steps, each halved until the function falls enough; return all the places."""
    path = [x]
    for _ in range(steps):
        step, slope = find_step(x), gradient(x).numpy()
        if not slope.any():
            break
        length = 1.0
        while rosenbrock(x + length * step) > rosenbrock(x) + 1e-4 * length * (slope @ step):
            length /= 2
            if length < 1e-12:
                return path  # as low as floating-point numbers go
        x = x + length * step
        path.append(x)
    return path


def draw(paths: dict[str, list[np.ndarray]]) -> Figure:
    """Draw the ways down the valley, and below, how near each step comes to the lowest point."""
    figure, (map_, course) = plt.subplots(
        2, figsize=(6.4, 7.6), dpi=150, layout="constrained", height_ratios=[1.15, 1]
    )
    x0, x1 = np.meshgrid(np.linspace(-1.5, 1.5, 200), np.linspace(-0.5, 1.5, 200))
    height = 100 * (x1 - x0**2) ** 2 + (1 - x0) ** 2
    map_.contourf(x0, x1, np.log10(height + 1e-2), levels=20, cmap="Greys", alpha=0.6)
    for (name, path), marker in zip(paths.items(), [".", "o", "x", "s"]):
        if len(path[0]) == 2:
            map_.plot(*zip(*path), marker=marker, markersize=5, linewidth=1.2, label=name)
        distances = [np.linalg.norm(x - 1) for x in path]
        course.loglog(range(1, len(path) + 1), distances, marker=marker, markersize=4, label=name)
    map_.plot(1, 1, "k*", markersize=14, label="lowest point")
    map_.set(xlabel="$x_0$", ylabel="$x_1$", title="Ways down Rosenbrock's valley")
    map_.legend(loc="upper center")
    course.set(xlabel="step", ylabel="distance from the lowest point", ylim=(1e-14, 10))
    course.set_title("The same, step by step")
    course.legend(loc="lower right")
    return figure


def main(arguments: Sequence[str] | None = None) -> dict[str, list[np.ndarray]]:
    """Go down in two dimensions and in fifty; return all places on the way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer steps of gradient descent")
    parser.add_argument("--out", type=Path, default=Path("newton"), help="folder for the picture")
    parser.add_argument("--seed", type=int, default=0, help="of the start in fifty dimensions")
    options = parser.parse_args(arguments)

    plt.style.use("tableau-colorblind10")
    start = np.array([-1.2, 1.0])
    anywhere = np.random.default_rng(options.seed).uniform(0, 2, 50)
    paths = {
        "gradient descent": descend(steepest, start, 100 if options.quick else 2000),
        "Newton": descend(newton, start, 100),
        "Newton, conjugate gradients": descend(newton_cg, start, 100),
        "the same in 50 dimensions": descend(newton_cg, anywhere, 100),
    }
    for name, path in paths.items():
        distance = np.linalg.norm(path[-1] - 1)
        print(f"{name:28} {len(path) - 1:5} steps, {distance:.1e} from the lowest point")

    options.out.mkdir(parents=True, exist_ok=True)
    draw(paths).savefig(options.out / "newton.png")
    print(f"the picture is in {options.out}")
    return paths


if __name__ == "__main__":
    main()
