"""Let the chain rule be written out: as a program, as formulas, and step by step.

The article derives its network's backpropagation with pencil and paper. Here the recorded graph
writes it down by itself, and the picture shows the graph that it was read from, backward pass
included: each line of the program is one of its boxes.

Run it with ``python examples/derive.py``; ``--quick`` prints the program only, and ``--out DIR``
says where the picture goes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
from tinygrad_edu.draw import RenderError


def picture(loss: tg.Tensor, folder: Path) -> Path:
    """Draw the forward and the backward pass; as text, where Graphviz is missing."""
    drawing = tg.draw(loss, direction="TB", show_backward=True)
    try:
        return drawing.render(folder / "derive.svg")
    except RenderError:
        return drawing.render(folder / "derive.dot")


def main(arguments: Sequence[str] | None = None) -> tg.program.Derivation:
    """Print the derivation of the article's network, check it, and draw its graph."""
    parser = argparse.ArgumentParser(description="The chain rule, written out.")
    parser.add_argument("--quick", action="store_true", help="the program only")
    parser.add_argument("--out", type=Path, default=Path("derive"), help="folder for the picture")
    parser.add_argument("--seed", type=int, default=1, help="of the network's weights")
    options = parser.parse_args(arguments)

    # What the article derives by hand, written by the graph itself; then run, and compared.
    loss = RawNetwork(HandDerivedNetwork(seed=options.seed)).loss()
    derivation = tg.derive(loss)
    print(derivation)
    print(derivation.check())

    if not options.quick:
        # The same as formulas, to be pasted into a LaTeX document; a notebook shows them at once.
        print(derivation.latex())

        # Why is there a transpose? One weight, factor by factor, with the numbers put in.
        print(derivation.steps("weights2"))

        # A derivative can be derived in turn.
        x = tg.Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True, name="x")
        (slope,) = tg.autograd.grad((x**3).sum(), x, create_graph=True)
        print(tg.derive(slope.sum()))

    options.out.mkdir(parents=True, exist_ok=True)
    print(f"drew {picture(loss, options.out)}")
    return derivation


if __name__ == "__main__":
    main()
