"""The exercises of lesson 11, MNIST."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw, leaf, parts, same

import tinygrad_edu as tg
from tinygrad_edu.nn.functional import cross_entropy, linear

pytestmark = pytest.mark.lesson11

LABELS = np.array([2, 0, 1, 2, 2])


def test_accuracy(answers: Any) -> None:
    scores = np.array([[0.1, 0.2, 0.7], [3.0, 1.0, 2.0], [5.0, 4.0, 3.0], [0, 0, 9], [1, 9, 0]])
    same(answers.accuracy(scores, LABELS), 0.6, "the accuracy where 3 of 5 are right")


def test_softmax(answers: Any) -> None:
    (scores,) = draw(11, (5, 3))
    mine = answers.softmax(scores)
    same(mine, tg.softmax(scores, axis=1), "softmax")
    large = np.array([[1000.0, 1000.0], [-1000.0, -1000.0]])
    same(answers.softmax(large), np.full((2, 2), 0.5), "softmax of 1000 and 1000")


def test_cross_entropy_gradient(answers: Any) -> None:
    (array,) = draw(11, (5, 3))
    scores = leaf(array, "scores")
    mine = answers.cross_entropy_gradient(array, LABELS)
    tg.check_backprop(mine, cross_entropy(scores, tg.Tensor(LABELS)), scores)


def test_classifier_backprop(answers: Any) -> None:
    for inputs in (3, 4):  # with square matrices, a missing transpose is recognised
        x, weight, bias = draw(11, (5, inputs), (3, inputs), (3,))
        mine = answers.classifier_backprop(x, weight, bias, LABELS)
        mine = parts(mine, 2, "classifier_backprop")
        weight, bias = leaf(weight, "weight"), leaf(bias, "bias")
        loss = cross_entropy(linear(x, weight, bias), tg.Tensor(LABELS))
        tg.check_backprop(mine, loss, (weight, bias))
