"""Lesson 3: matrices: many chain rules at once.

Look for: a gradient has the shape of what it belongs to, and that alone tells where the
transposes go. What was used in every row, like a bias, gets the sum over the rows.

Read next in the source: ``matmul`` in ``tinygrad_edu/ops/linalg.py``; ``_fit`` in
``backprop.py``.

Run it with ``python examples/lessons/lesson03_matrices.py``.
"""

from textwrap import fill

import numpy as np

import tinygrad_edu as tg


def main():
    generator = np.random.default_rng(0)
    x = tg.Tensor(generator.normal(size=(5, 3)), requires_grad=True, name="x")  # 5 samples
    w = tg.Tensor(generator.normal(size=(3, 2)), requires_grad=True, name="w")
    b = tg.Tensor(generator.normal(size=2), requires_grad=True, name="b")

    y = x @ w + b
    loss = (y * y).sum()
    loss.backward()

    # One element, by the chain rule alone. w[1, 0] has met x[:, 1] on its way to y[:, 0].
    dy = 2 * y.numpy()
    one = sum(dy[row, 0] * x.numpy()[row, 1] for row in range(5))
    print(f"d_w[1, 0] by one loop: {one:.6f}, recorded: {w.grad[1, 0].item():.6f}")

    # All elements. There is only one way to multiply dy and x so that w's shape comes out.
    d_w = x.numpy().T @ dy
    d_x = dy @ w.numpy().T
    d_b = dy.sum(axis=0)
    print("\n     shape    by hand")
    print(f"dy   {dy.shape}   2 * y")
    print(f"d_w  {d_w.shape}   x.T @ dy          (3, 5) @ (5, 2)")
    print(f"d_x  {d_x.shape}   dy @ w.T          (5, 2) @ (2, 3)")
    print(f"d_b  {d_b.shape}     dy.sum(axis=0)    b was added to every row")

    agrees = tg.check_backprop((d_x, d_w, d_b), loss, (x, w, b))
    print("\nall three agree with the recorded gradients:", agrees, "\n")

    # And if a transpose is missing? Let it be checked before it is trained with.
    square = tg.Tensor(generator.normal(size=(3, 3)), requires_grad=True, name="square")
    y = x @ square
    try:
        tg.check_backprop((x.numpy().T @ (2 * y.numpy())).T, (y * y).sum(), square)
    except tg.GradientError as error:
        print(fill(f"one transpose too many: {error}", 85))


if __name__ == "__main__":
    main()
