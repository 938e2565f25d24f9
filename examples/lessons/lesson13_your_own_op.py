"""Lesson 13: writing your own op: a function, and its derivative right above it.

Look for: two lines make an op that broadcasts, differentiates twice, and is drawn by
its name. A wrong rule is found by ``check_grad``, which says what is wrong with it.

Read next in the source: ``tinygrad_edu/op.py``; then any file in ``ops/``, which look
the same.

Run it with ``python examples/lessons/lesson13_your_own_op.py``; ``--out DIR`` keeps the
picture.
"""

import argparse
import tempfile
from pathlib import Path
from textwrap import fill

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.draw import RenderError


# dy is what comes back from above, y is what the function returned, x what it was given.
@tg.differentiable(x=lambda dy, y, x: dy * (-2 * x * y))
def bump(x):
    """One at 0, and nothing far away: ``exp(-x²)``."""
    return np.exp(-(x**2))


@tg.differentiable(x=lambda dy, y, x: dy * (-x * y))
def wrong_bump(x):
    """Compute the same; but its rule has forgotten a factor."""
    return np.exp(-(x**2))


# Two arguments, two rules. Broadcasting is undone by the walk, not here.
@tg.differentiable(
    x=lambda dy, y, x, width: dy * (-2 * x * y / width**2),
    width=lambda dy, y, x, width: dy * (2 * x**2 * y / width**3),
)
def wide_bump(x, width):
    """Compute ``exp(-(x / width)²)``."""
    return np.exp(-((x / width) ** 2))


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Writing your own op.")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    places = np.array([-1.5, -0.2, 0.7])
    print("bump, to second order:", tg.check_grad(bump, places))
    print("wide_bump, one width for all places:", tg.check_grad(wide_bump, places, 1.3))
    try:
        tg.check_grad(wrong_bump, places)
    except tg.GradientError as error:
        print(fill(f"wrong_bump: {error}", 85))

    # Bumps as the bends of a network: a curve is made of them, each at its place.
    tg.manual_seed(0)
    x = tg.Tensor(np.linspace(-3, 3, 60)[:, None], name="x")
    wanted = np.sin(2 * x.numpy())
    model = nn.Sequential(nn.Linear(1, 12), bump, nn.Linear(12, 1))
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    for step in range(401):
        loss = ((model(x) - wanted) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 200 == 0:
            print(f"step {step:3}: the loss is {loss.item():.5f}")

    loss = ((model(x) - wanted) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print("the picture:", tg.draw(loss).render(folder / "lesson13.svg"))
    except RenderError as reason:
        print("no picture:", reason)


if __name__ == "__main__":
    main()
