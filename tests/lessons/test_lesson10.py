"""The exercises of lesson 10, convolution by hand."""

from __future__ import annotations

from typing import Any

import pytest
from lessons.judge import draw, leaf, same

import tinygrad_edu as tg
from tinygrad_edu.nn.functional import conv1d, conv2d, max_pool2d

pytestmark = pytest.mark.lesson10


def test_convolve(answers: Any) -> None:
    for length, width in ((7, 3), (5, 5), (6, 1)):
        x, kernel = draw(10, (length,), (width,))
        right = conv1d(tg.Tensor(x[None]), tg.Tensor(kernel[None, None]))[0]
        what = f"the result for {length} numbers and a kernel of {width}"
        same(answers.convolve(x, kernel), right, what)


def test_kernel_gradient(answers: Any) -> None:
    for length, width in ((7, 3), (5, 5), (6, 1)):
        x, start, dy = draw(10, (length,), (width,), (length - width + 1,))
        kernel = leaf(start, "kernel")
        y = conv1d(tg.Tensor(x[None]), kernel[None, None])[0]
        tg.check_backprop(answers.kernel_gradient(x, dy), (y * dy).sum(), kernel)


def test_image_gradient(answers: Any) -> None:
    for size, window in (((5, 6), (2, 3)), ((4, 4), (1, 1))):
        rows, columns = size[0] - window[0] + 1, size[1] - window[1] + 1
        array, kernel, dy = draw(10, size, window, (rows, columns))
        image = leaf(array, "image")
        y = conv2d(image[None], tg.Tensor(kernel[None, None]))[0]
        tg.check_backprop(answers.image_gradient(kernel, dy), (y * dy).sum(), image)


def test_max_pool_backprop(answers: Any) -> None:
    for rows, columns in ((2, 3), (1, 1)):
        array, dy = draw(10, (2 * rows, 2 * columns), (rows, columns))
        image = leaf(array, "image")
        mine = answers.max_pool_backprop(array, dy)
        tg.check_backprop(mine, (max_pool2d(image[None], 2)[0] * dy).sum(), image)
