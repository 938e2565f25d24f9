"""Let the chain rule be written out: as a program, as formulas, and step by step.

Run it with ``python examples/derive.py``.
"""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
from tinygrad_edu.program import derive


def main() -> None:
    # The article's network: what it derives with pencil and paper, written by the graph itself.
    network = RawNetwork(HandDerivedNetwork(seed=1))
    derivation = derive(network.loss())
    print(derivation)
    print(derivation.check())

    # The same as formulas, to be pasted into a LaTeX document; a notebook shows them at once.
    print(derivation.latex())

    # Why is there a transpose? One weight, factor by factor, with the numbers put in.
    print(derivation.steps("weights2"))

    # A derivative can be derived in turn.
    x = tg.Tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True, name="x")
    (slope,) = tg.autograd.grad((x**3).sum(), x, create_graph=True)
    print(derive(slope.sum()))


if __name__ == "__main__":
    main()
