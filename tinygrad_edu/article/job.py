"""The main job: train the article's network both ways, compare, report, and draw.

Nothing is written before all of it is ready: pictures are made in a hidden folder beside their
place and moved there at the end, so that an error or Ctrl-C leaves things as they were.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.article.by_hand import HandDerivedNetwork
from tinygrad_edu.article.compare import Comparison, Contender, compare
from tinygrad_edu.article.figures import loss_curve
from tinygrad_edu.article.on_tensors import RawNetwork, composed
from tinygrad_edu.article.own_activation import prepare
from tinygrad_edu.draw import RenderError, draw
from tinygrad_edu.staging import publish, staging


@dataclass(frozen=True)
class Options:
    """What the main job can be asked to do differently from the article."""

    iterations: int = 1500
    seed: int = 0
    hidden: tuple[int, ...] = (4,)
    activation: tuple[str, ...] = ("sigmoid",)
    learning_rate: float = 1.0
    bias: bool = False
    out: Path = Path("article-run")
    json: bool = False

    def network(self) -> HandDerivedNetwork:
        """Make the hand-derived network that these options describe."""
        activation = self.activation
        return HandDerivedNetwork(
            hidden=self.hidden,
            activation=activation[0] if len(activation) == 1 else activation,
            bias=self.bias,
            learning_rate=self.learning_rate,
            seed=self.seed,
        )


class Interrupt:
    """Notice Ctrl-C for certain, and raise KeyboardInterrupt at the latest in the next iteration.

    The one that Python raises can get lost, if it comes up in a callback whose errors are ignored.
    """

    def __init__(self) -> None:
        self.asked = False
        self.before: Any = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self.before = signal.signal(signal.SIGINT, self.notice)
        return self

    def __exit__(self, *error: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)

    def notice(self, number: int, frame: Any) -> None:
        """Take note of the signal, and interrupt."""
        self.asked = True
        raise KeyboardInterrupt

    def watching(self, steps: Iterable[int]) -> Iterator[int]:
        """Go through the steps until Ctrl-C is pressed."""
        for step in steps:
            if self.asked:
                raise KeyboardInterrupt
            yield step


def run(options: Options) -> None:
    """Do the main job and print what came out.

    Raises
    ------
    DivergenceError
        If the learning rate is too large for the loss to stay finite.
    OSError
        If the pictures cannot be written.
    ValueError
        If an activation cannot be found, or has no right derivative.
    """
    about = prepare(options.activation, len(options.hidden))
    with Interrupt() as interrupt, staging(options.out) as folder:
        steps = range(options.iterations)
        raw = compare(
            options.network(),
            Contender.raw(options.network()),
            interrupt.watching(progress("raw", steps, options)),
        )
        modules = compare(
            options.network(),
            Contender.of_modules(composed(options.network()), options.network()),
            interrupt.watching(progress("modules", steps, options)),
        )
        notes = draw_pictures(folder, options, raw)
        files = publish(folder, options.out)
    if options.json:
        print(json.dumps(summary(raw, files)))
    else:
        print(report(options, raw, modules, files, [*notes, *about]))


def progress(name: str, steps: range, options: Options) -> Iterable[int]:
    """Show a progress bar, where there is somebody to see it."""
    if options.json or not sys.stderr.isatty():
        return steps
    try:
        from tqdm import tqdm
    except ImportError:
        return steps
    bar: Iterable[int] = tqdm(steps, desc=f"training, {name}", unit="iteration")
    return bar


def draw_pictures(folder: Path, options: Options, comparison: Comparison) -> list[str]:
    """Draw the loss curve and the graph; return a note for each that was not possible."""
    notes = []
    try:
        loss_curve(comparison.losses, folder / "loss.png")
    except ImportError:
        notes.append('no loss curve: it needs Matplotlib, python -m pip install "matplotlib"')
    network = RawNetwork(options.network())
    loss = network.loss()
    loss.backward()
    drawing = draw(loss)
    try:
        drawing.render(folder / "graph.svg")
        drawing.render(folder / "graph.png")
    except RenderError as error:
        drawing.render(folder / "graph.dot")
        notes.append(f"the graph was written as DOT text only: {error}")
    return notes


def summary(raw: Comparison, files: list[str]) -> dict[str, Any]:
    """Collect the result as plain numbers, for ``--json``."""
    return {
        "loss_first": raw.losses[0],
        "loss_last": raw.losses[-1],
        "monotone": raw.monotone,
        "predictions": raw.outputs.ravel().tolist(),
        "max_abs_difference": max(each.absolute for each in raw.gradients.values()),
        "max_ulp_difference": max(each.ulp for each in raw.gradients.values()),
        "files": files,
    }


def report(
    options: Options, raw: Comparison, modules: Comparison, files: list[str], notes: list[str]
) -> str:
    """Write the result down for people."""
    network = options.network()
    lines = ["prediction   wanted   inputs"]
    for output, wanted, inputs in zip(raw.outputs.ravel(), network.y.ravel(), network.x):
        lines.append(f"{output:10.6f}   {wanted:6.0f}   {inputs.astype(int)}")
    course = "fell in every iteration" if raw.monotone else "did not fall in every iteration"
    lines += [
        "",
        f"loss: {raw.losses[0]:.6f} at first, {raw.losses[-1]:.6f} after "
        f"{options.iterations} iterations; it {course}",
        "",
        "The recorded graph's gradients against the hand-derived ones, over all iterations:",
        "gradient of   raw products: absolute, ULP   modules: absolute, relative to the largest",
    ]
    for name, by_raw in raw.gradients.items():
        by_modules = modules.gradients[name]
        lines.append(
            f"{name:11}   {by_raw.absolute:22.3g}, {by_raw.ulp:3d}   "
            f"{by_modules.absolute:17.3g}, {by_modules.relative:.3g}"
        )
    same = all(each.ulp == 0 for each in raw.gradients.values())
    lines += ["Bit for bit the same." if same else "Not bit for bit the same.", ""]
    return "\n".join([*lines, *(f"wrote {file}" for file in files), *notes])


def check_options(options: Options) -> None:
    """Refuse what cannot be done before anything is done.

    Raises
    ------
    ValueError
        Naming the option.
    """
    if options.iterations < 1:
        raise ValueError(f"--iterations must be at least 1, not {options.iterations}")
    if options.seed < 0:
        raise ValueError(f"--seed must not be negative, and is {options.seed}")
    if not options.hidden or min(options.hidden) < 1:
        raise ValueError(f"--hidden needs at least 1 unit in every layer, not {options.hidden}")
    if not (np.isfinite(options.learning_rate) and options.learning_rate > 0):
        raise ValueError(f"--learning-rate must be a positive number, not {options.learning_rate}")
    if len(options.activation) not in (1, len(options.hidden)):
        raise ValueError(
            f"--activation names {len(options.activation)} functions for "
            f"{len(options.hidden)} hidden layers; name one for all, or one for each"
        )
