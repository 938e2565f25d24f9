"""Three spirals are told apart, and the boundary between them is watched while it forms.

On a desktop a window opens and the network learns in it. Where there is no display, and in a
notebook, the same frames are written into an animated picture.

Run it with ``python examples/spirals.py``; ``--quick`` trains for a moment only, and ``--out DIR``
says where the pictures go.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim

EVERY = 10  # steps from frame to frame
SIDE = 80  # the points of the plane that are looked at, from edge to edge
PLANE = np.stack(np.meshgrid(*2 * [np.linspace(-1.3, 1.3, SIDE)]), axis=-1).reshape(-1, 2)
COLOURS = np.array([[0.0, 0.42, 0.64], [1.0, 0.50, 0.05], [0.55, 0.55, 0.55]])


def training(
    network: nn.Module, points: tg.Tensor, labels: tg.Tensor, steps: int
) -> Iterator[tuple[int, float, np.ndarray]]:
    """Train; every now and then hand out the step, the loss, and the classes of the plane."""
    optimizer = optim.Adam(network.parameters(), lr=0.02)
    loss_function = nn.CrossEntropyLoss()
    for step in range(steps + 1):
        loss = loss_function(network(points), labels)
        if step % EVERY == 0:
            with tg.no_grad():
                chances = tg.softmax(network(PLANE), axis=1).numpy()
            yield step, loss.item(), chances
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def main(arguments: Sequence[str] | None = None) -> float:
    """Train, and show it; return the share of the points that are told right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    parser.add_argument("--out", type=Path, default=Path("spirals"), help="folder for the pictures")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    tg.manual_seed(options.seed)

    points, labels = data.spirals(300, noise=0.03, classes=3)
    network = nn.Sequential(
        nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 3)
    )

    figure, axes = plt.subplots(figsize=(5, 5), dpi=100, layout="constrained")
    x, y = points.numpy().T
    for label, marker in enumerate("osD"):
        mine = labels.numpy() == label
        axes.plot(x[mine], y[mine], marker, color=COLOURS[label], markersize=5, markeredgecolor="w")
    plane = axes.imshow(np.ones((SIDE, SIDE, 3)), extent=(-1.3, 1.3, -1.3, 1.3), origin="lower")
    title = axes.set_title("step 0")
    axes.set(xlabel="$x_0$", ylabel="$x_1$")

    def show(frame: tuple[int, float, np.ndarray]) -> None:
        """Colour the plane by what the network says; between two classes the colours mix."""
        step, loss, chances = frame
        plane.set_data((0.45 * chances @ COLOURS + 0.55).reshape(SIDE, SIDE, 3))
        title.set_text(f"step {step}: loss {loss:.3f}")

    steps = 120 if options.quick else 500
    frames = training(network, points, labels, steps)
    animation = FuncAnimation(
        figure,
        show,
        frames,
        init_func=list,
        interval=50,
        repeat=False,
        save_count=steps // EVERY + 1,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    if figure.canvas.required_interactive_framework:  # there is a window
        plt.show()
    else:
        animation.save(options.out / "spirals.gif", writer="pillow", fps=12)
    figure.savefig(options.out / "spirals.png")
    with tg.no_grad():
        accuracy = (network(points).numpy().argmax(axis=1) == labels.numpy()).mean()
    print(f"{accuracy:.1%} of the points are told right")
    print(f"the pictures are in {options.out}")
    return float(accuracy)


if __name__ == "__main__":
    main()
