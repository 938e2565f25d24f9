"""Model answers to the exercises of lesson 10."""

import numpy as np


def convolve(x, kernel):
    """At each place, what lies below the kernel, times the kernel."""
    places = len(x) - len(kernel) + 1
    return np.array([np.sum(x[i : i + len(kernel)] * kernel) for i in range(places)])


def kernel_gradient(x, dy):
    """A sum over all places: it is a convolution itself, of x with dy."""
    width = len(x) - len(dy) + 1
    return np.array([np.sum(x[k : k + len(dy)] * dy) for k in range(width)])


def image_gradient(kernel, dy):
    """Windows overlap, so their contributions are added."""
    height, width = kernel.shape
    rows, columns = dy.shape
    dx = np.zeros((rows + height - 1, columns + width - 1))
    for i in range(rows):
        for j in range(columns):
            dx[i : i + height, j : j + width] += dy[i, j] * kernel
    return dx


def max_pool_backprop(image, dy):
    """The winner takes it all."""
    dx = np.zeros(image.shape)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            four = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            row, column = np.unravel_index(np.argmax(four), four.shape)
            dx[2 * i + row, 2 * j + column] = dy[i, j]
    return dx
