"""Lesson 2: the chain rule: slopes are multiplied on the way back, and added.

Look for: each line of the table is the line above it times one local slope. The last
line has two ways that lead to ``w``, and their contributions are added.

Read next in the source: ``walk`` in ``tinygrad_edu/backprop.py``, which does nothing
else.

Run it with ``python examples/lessons/lesson02_chain_rule.py``.
"""

import numpy as np

import tinygrad_edu as tg


def main():
    w = tg.Tensor(0.8, requires_grad=True, name="w")

    # Forwards: one small step after the other. w is used twice.
    a = w * 1.5
    s = np.sin(a)
    p = s * w
    loss = (p - 2.0) ** 2
    for name, computed in (("a", a), ("s", s), ("p", p)):
        computed.name = name
        computed.retain_grad()  # keep this gradient, too, to look at it
    loss.backward()

    # Backwards, by hand: what has arrived, times the slope of the step before.
    d_p = 2 * (p.item() - 2.0)  # the slope of (p - 2)²
    d_s = d_p * w.item()  # the slope of s * w, if s moves
    d_a = d_s * np.cos(a.item())  # the slope of sin
    first = d_a * 1.5  # the slope of w * 1.5
    second = d_p * s.item()  # the slope of s * w, if w moves
    d_w = first + second

    print("                       by hand    recorded")
    for name, mine, tensor in (("p", d_p, p), ("s", d_s, s), ("a", d_a, a), ("w", d_w, w)):
        print(f"loss moves with {name}:   {mine:8.5f}    {tensor.grad.item():8.5f}")
    print(f"\nw has two ways: {first:.5f} through a, {second:.5f} straight to p")

    # The same rule, written out by the library from its record.
    print("\nthe library writes its own walk down as a program:\n")
    print(tg.derive(loss))


if __name__ == "__main__":
    main()
