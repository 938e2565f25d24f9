"""Lesson 1: a number that remembers how it was computed.

Look for: every line of arithmetic leaves one record, and each record knows the records
before it. The gradient is an answer to "how much does the result move if this number
moves a little?"

Read next in the source: ``class Node`` in ``tinygrad_edu/op.py``, then ``record`` in
``tensor.py``.

Run it with ``python examples/lessons/lesson01_scalar_graph.py``; ``--out DIR`` keeps
the picture.
"""

import argparse
import tempfile
from pathlib import Path

import tinygrad_edu as tg
from tinygrad_edu.draw import RenderError


def compute(a, b, c):
    """Do the arithmetic: with numbers, or with Tensors."""
    d = a * b
    e = d + c
    return e * e


def main(arguments=None):
    parser = argparse.ArgumentParser(description="A number that remembers how it was computed.")
    parser.add_argument("--out", type=Path, help="folder for the picture")
    options = parser.parse_args(arguments)

    a = tg.Tensor(2.0, requires_grad=True, name="a")
    b = tg.Tensor(-3.0, requires_grad=True, name="b")
    c = tg.Tensor(10.0, requires_grad=True, name="c")
    result = compute(a, b, c)
    print("the result:", result.item())

    # Every computed Tensor has a node: what was called, with what, and where that came from.
    node = result.node
    while node is not None:
        print(f"{node.op.name} of {[float(x) for x in node.arrays]} gave {float(node.y)}")
        earlier = [parent for parent in node.parents if not isinstance(parent, tg.Tensor)]
        node = earlier[0] if earlier else None

    # Walking that memory backwards gives all the gradients at once.
    result.backward()
    print("\n    gradient   moved by 0.001, it moves the result by 0.001 times")
    for position, leaf in enumerate((a, b, c)):
        numbers = [2.0, -3.0, 10.0]
        numbers[position] += 0.001
        slope = (compute(*numbers) - compute(2.0, -3.0, 10.0)) / 0.001
        print(f"{leaf.name}   {leaf.grad.item():8.3f}   {slope:8.3f}")

    folder = options.out or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        print("\nthe picture:", tg.draw(result).render(folder / "lesson01.svg"))
    except RenderError as reason:
        print("\nno picture:", reason)


if __name__ == "__main__":
    main()
