"""Dropout layers: at work in training, and nothing at all after ``eval()``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.nn.functional.dropout import (
    alpha_dropout,
    check_probability,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
)
from tinygrad_edu.nn.module import Module
from tinygrad_edu.random import default_generator


class AnyDropout(Module):
    """What all dropout layers have in common."""

    function: Callable[..., Any]

    def __init__(
        self,
        p: float = 0.5,
        inplace: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.p = check_probability(type(self).__name__, p)
        self.inplace = inplace
        self.generator = None if generator is None else default_generator(generator)

    def forward(self, input: Any) -> Any:
        """Apply the function of the same name."""
        return type(self).function(input, self.p, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """Name the settings."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(AnyDropout):
    """In training, set each element to 0 with probability p, and divide the others by ``1 - p``.

    So the expected value stays what it was, and after ``eval()`` the layer does nothing.

    Formula and shapes: see `functional.dropout`.

    Parameters
    ----------
    p : the probability.
    inplace : accepted, and without effect: the result is always a new Tensor.
    generator : numpy.random.Generator, optional
        Where the draws come from; else the package's own, see `manual_seed`.

    Raises
    ------
    ValueError
        If p is not between 0 and 1.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent
    neural networks from overfitting, JMLR 15 (2014).

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.nn.dropout import Dropout
    >>> layer = Dropout(0.5, generator=np.random.default_rng(0))
    >>> layer(tg.Tensor([1.0, 2.0, 3.0, 4.0])).tolist()
    [2.0, 4.0, 6.0, 0.0]
    >>> layer.eval()(tg.Tensor([1.0, 2.0, 3.0, 4.0])).tolist()
    [1.0, 2.0, 3.0, 4.0]
    """

    function = dropout


class AlphaDropout(AnyDropout):
    """In training, set each element with probability p to the least value of `SELU`, then rescale.

    So inputs of mean 0 and variance 1 keep both; for networks with `SELU`. Otherwise as `Dropout`.

    Formula and shapes: see `functional.alpha_dropout`.

    References
    ----------
    Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017),
    arXiv:1706.02515.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.dropout import AlphaDropout
    >>> AlphaDropout(0.5, generator=np.random.default_rng(0))(np.zeros(4)).round(4)
    array([ 0.7792,  0.7792,  0.7792, -0.7792])
    """

    function = alpha_dropout


class Dropout1d(AnyDropout):
    """In training, set whole channels to 0; as `Dropout`, for inputs (N, C, L) or (C, L).

    Formula and source: see `functional.dropout1d`.

    Raises
    ------
    ValueError
        If p is not between 0 and 1; when called, if the input has other axes.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.dropout import Dropout1d
    >>> Dropout1d(generator=np.random.default_rng(2))(np.ones((2, 3)))
    array([[2., 2., 2.],
           [0., 0., 0.]])
    """

    function = dropout1d


class Dropout2d(AnyDropout):
    """In training, set whole channels to 0; as `Dropout`, for inputs (N, C, H, W) or (N, C, L).

    Neighbouring pixels are so alike that silencing single ones would take little away.

    Formula and source: see `functional.dropout2d`; errors: see `Dropout1d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.dropout import Dropout2d
    >>> Dropout2d(generator=np.random.default_rng(2))(np.ones((1, 2, 1, 3))).tolist()
    [[[[2.0, 2.0, 2.0]], [[0.0, 0.0, 0.0]]]]
    """

    function = dropout2d


class Dropout3d(AnyDropout):
    """In training, set whole channels to 0; as `Dropout`, for inputs (N, C, D, H, W).

    Or (C, D, H, W), without the batch. Formula and source: see `functional.dropout3d`; errors: see
    `Dropout1d`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.dropout import Dropout3d
    >>> Dropout3d(generator=np.random.default_rng(2))(np.ones((1, 2, 1, 1, 2))).tolist()
    [[[[[2.0, 2.0]]], [[[0.0, 0.0]]]]]
    """

    function = dropout3d
