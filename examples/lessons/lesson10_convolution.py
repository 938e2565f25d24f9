"""Lesson 10: convolution by hand: one small window of weights, used at every place.

Look for: three loops and ``nn.functional.conv2d`` give the same. The kernel is used at
every place, so its gradient is a sum over all places. A kernel can be learnt from
examples alone.

Read next in the source: ``tinygrad_edu/ops/conv.py``, then ``conv_unfold.py``: without
the loops.

Run it with ``python examples/lessons/lesson10_convolution.py``.
"""

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

HOUSE = """
.....##.....
....####....
...######...
..########..
.##########.
..########..
..###..###..
..###..###..
"""
IMAGE = np.array([[mark == "#" for mark in line] for line in HOUSE.split()], dtype=float)
EDGES = np.array([[-1.0, 1.0], [-1.0, 1.0]])  # left from right: where does it change?


def convolve(image, kernel):
    """Slide the kernel over the image: at each place, multiply what lies below it, and add."""
    height, width = kernel.shape
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(image[i : i + height, j : j + width] * kernel)
    return y


def kernel_gradient(image, dy):
    """Each place adds what lay below the kernel there, times what has come back to it."""
    height, width = image.shape[0] - dy.shape[0] + 1, image.shape[1] - dy.shape[1] + 1
    d_kernel = np.zeros((height, width))
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            d_kernel += dy[i, j] * image[i : i + height, j : j + width]
    return d_kernel


def show(y):
    print("\n".join("".join(".+-"[int(np.sign(value))] for value in row) for row in y), "\n")


def main():
    edges = convolve(IMAGE, EDGES)
    show(IMAGE)
    show(edges)

    # What the loops do is one call, and so is what they do backwards.
    first = np.random.default_rng(0).normal(size=(2, 2))
    x, kernel = tg.Tensor(IMAGE[None, None]), tg.Tensor(first[None, None], requires_grad=True)
    y = nn.functional.conv2d(x, kernel)
    ((y - edges) ** 2).mean().backward()
    mine = convolve(IMAGE, first)
    gradient = kernel_gradient(IMAGE, 2 * (mine - edges) / edges.size)
    print(f"loops and conv2d differ by {np.abs(y.numpy()[0, 0] - mine).max():.0e}")
    print(f"their gradients differ by {np.abs(kernel.grad.numpy()[0, 0] - gradient).max():.0e}")

    # Let the kernel be found from the image and the result alone.
    optimizer = optim.SGD([kernel], lr=0.1)
    for _ in range(300):
        loss = ((nn.functional.conv2d(x, kernel) - edges) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("the kernel that was looked for:", EDGES.tolist())
    print("the kernel that was learnt:    ", kernel.numpy()[0, 0].round(3).tolist())


if __name__ == "__main__":
    main()
