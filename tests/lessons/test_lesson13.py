"""The exercises of lesson 13, writing your own op."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lessons.judge import draw

import tinygrad_edu as tg

pytestmark = pytest.mark.lesson13


def test_log_cosh(answers: Any) -> None:
    tg.check_grad(answers.log_cosh, [-2.0, -0.3, 0.5, 1.5])


def test_my_power_of_its_base(answers: Any) -> None:
    power = answers.my_power
    tg.check_grad(lambda base: power(base, 2.5), [0.5, 1.2, 2.0])


def test_my_power_of_its_exponent(answers: Any) -> None:
    power = answers.my_power
    tg.check_grad(lambda exponent: power(np.array([[0.5], [1.2]]), exponent), [0.7, -1.0, 2.0])


def test_unit_vectors(answers: Any) -> None:
    tg.check_grad(answers.unit_vectors, *draw(13, (2, 3)))
