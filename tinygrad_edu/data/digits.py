"""Images of digits that need no file: scikit-learn's, or drawn here.

What is drawn are the glyphs below, at random places, slanted, faded and with noise: easier than
handwriting, but enough to see a network learn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.data.dataset import TensorDataset
from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor

GLYPHS = """
.##. ..#. .##. ###. ...# #### .##. #### .##. .##.
#..# .##. #..# ...# ..## #... #... ...# #..# #..#
#..# ..#. ...# .##. .#.# ###. ###. ..#. .##. #..#
#..# ..#. ..#. ...# #### ...# #..# ..#. #..# .###
#..# ..#. .#.. ...# ...# ...# #..# .#.. #..# ...#
.##. .### #### ###. ...# ###. .##. .#.. .##. .##.
"""
COUNT = 1797  # as many as scikit-learn has
SIDE = 8


class Digits(TensorDataset):
    """Images of the ten digits, 8 x 8 pixels each, with their labels; see `digits`.

    Attributes
    ----------
    source : where they are from, in words.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> images, labels = data.digits()[:]
    >>> images.shape[1:], sorted(set(labels.tolist()))
    ((1, 8, 8), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """

    def __init__(self, images: Array, labels: Array, source: str) -> None:
        pixels = images.reshape(-1, 1, SIDE, SIDE)
        super().__init__(Tensor(pixels, dtype=get_default_dtype()), Tensor(labels, dtype=np.int64))
        self.source = source

    def __repr__(self) -> str:
        return f"Digits({len(self)} images, {self.source})"


def digits(drawn: bool | None = None) -> Digits:
    """Return 1797 images of digits, of shape (1, 8, 8) with values from 0 to 1, and their labels.

    They are scikit-learn's handwritten ones, if it is installed; else they are drawn by this
    program, always the same. ``.source`` says which.

    Parameters
    ----------
    drawn : ``True`` for the drawn ones in any case, ``False`` for scikit-learn's.

    Raises
    ------
    ImportError
        If scikit-learn's are asked for, and it is not installed.

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> dataset = data.digits(drawn=True)
    >>> dataset
    Digits(1797 images, drawn by this program)
    >>> image, label = dataset[3]
    >>> image.shape, label.item()
    ((1, 8, 8), 3)
    """
    if not drawn:
        try:
            from sklearn.datasets import load_digits
        except ImportError as error:
            if drawn is False:
                raise ImportError(
                    "scikit-learn's digits need scikit-learn: pip install 'tinygrad_edu[digits]'"
                ) from error
        else:
            bunch: Any = load_digits()
            return Digits(bunch.images / 16, bunch.target, "scikit-learn's, written by hand")
    labels = np.arange(COUNT) % 10
    generator = np.random.default_rng(0)
    images = np.stack([_draw(label, generator) for label in labels.tolist()])
    return Digits(images, labels, "drawn by this program")


def _draw(label: int, generator: np.random.Generator) -> Array:
    """Draw one digit somewhere on a small canvas."""
    rows = [line.split()[label] for line in GLYPHS.split("\n") if line]
    image = np.zeros((SIDE, SIDE))
    top, left = generator.integers(0, SIDE - len(rows) + 1), generator.integers(1, 4)
    slant = generator.choice([-1, 0, 0, 1])
    for y, row in enumerate(rows):
        shift = left + slant * (y < len(rows) // 2)
        for x, mark in enumerate(row):
            image[top + y, shift + x] = (mark == "#") * generator.uniform(0.6, 1.0)
    blurred = 0.5 * image + 0.125 * sum(
        np.roll(image, step, axis) for step in (-1, 1) for axis in (0, 1)
    )
    noisy: Array = np.clip(
        blurred * generator.uniform(1.0, 1.6) + generator.normal(0, 0.08, image.shape), 0, 1
    )
    return noisy
