"""A network learns the motion of a damped spring from its equation alone, without any data.

The motion ``u(t)`` obeys ``u'' + 0.4 u' + 4 u = 0`` with ``u(0) = 1`` and ``u'(0) = 0``. The
network proposes a motion, and differentiating it gives velocity and acceleration. The loss is by
how much the three miss the equation; so it holds a second derivative, and ``backward()`` goes
through that to the weights. The exact solution is used only at the end, to measure the error.

Run it with ``python examples/oscillator.py``; ``--quick`` trains for a moment only, and ``--out
DIR`` says where the picture goes.
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
from tinygrad_edu import nn, optim

DAMPING, STIFFNESS, END = 0.4, 4.0, 10.0
TIMES = np.linspace(0, END, 101).reshape(-1, 1)


def exact(t: np.ndarray) -> np.ndarray:
    """Return the motion that solves the equation."""
    decay = DAMPING / 2
    omega = np.sqrt(STIFFNESS - decay**2)
    return np.exp(-decay * t) * (np.cos(omega * t) + decay / omega * np.sin(omega * t))


def train(network: nn.Module, residual: Callable[[Any], tg.Tensor], steps: int) -> list[float]:
    """Let the network miss the equation by less and less; return the course of the loss."""
    optimizer = optim.Adam(network.parameters())
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=steps)
    losses = []
    for _ in range(steps):
        loss = (residual(TIMES) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def draw(before: np.ndarray, after: np.ndarray, losses: list[float]) -> Figure:
    """Draw the motion, the error that is left, and the course of the loss."""
    figure, (motion, error, course) = plt.subplots(
        3, figsize=(6.4, 7.6), dpi=150, layout="constrained", height_ratios=[1.6, 1, 1]
    )
    motion.plot(TIMES, exact(TIMES), color="#ababab", linewidth=5, label="exact solution")
    motion.plot(TIMES, before, ":", color="#c85200", label="network, before training")
    motion.plot(TIMES, after, color="#006ba4", label="network, trained on the equation")
    motion.set(ylabel="position u", title="A damped spring", ylim=(-1.9, 1.5))
    motion.legend(loc="lower right")
    error.plot(TIMES, after - exact(TIMES), color="#006ba4")
    error.set(xlabel="time t", ylabel="error of u")
    course.semilogy(losses, color="#006ba4")
    course.set(xlabel="training step", ylabel="loss: mean of\n$(u'' + 0.4 u' + 4 u)^2$")
    for axes in (motion, error, course):
        axes.grid(color="#dddddd")
    return figure


def main(arguments: Sequence[str] | None = None) -> float:
    """Train on the equation; return the largest error of the motion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="train for a moment only")
    parser.add_argument(
        "--out", type=Path, default=Path("oscillator"), help="folder of the picture"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    tg.manual_seed(options.seed)

    network = nn.Sequential(  # any function will do between the layers; waves suit an oscillation
        nn.Linear(1, 32), np.sin, nn.Linear(32, 32), np.sin, nn.Linear(32, 1)
    )

    def motion(t: Any) -> tg.Tensor:
        """Start at 1 and at rest, whatever the network says."""
        return 1 + np.tanh(t) ** 2 * network(t)

    velocity = tg.elementwise_grad(motion)
    acceleration = tg.elementwise_grad(velocity)

    def residual(t: Any) -> tg.Tensor:
        """Say by how much the motion misses the equation."""
        return acceleration(t) + DAMPING * velocity(t) + STIFFNESS * motion(t)

    before = motion(TIMES).numpy()
    losses = train(network, residual, steps=400 if options.quick else 1500)
    after = motion(TIMES).numpy()
    error = float(np.abs(after - exact(TIMES)).max())
    print(f"loss: {losses[0]:.3g} at first, {losses[-1]:.3g} after {len(losses)} steps")
    print(f"largest error of the motion: {error:.2g}")

    options.out.mkdir(parents=True, exist_ok=True)
    draw(before, after, losses).savefig(options.out / "oscillator.png")
    print(f"the picture is in {options.out}")
    return error


if __name__ == "__main__":
    main()
